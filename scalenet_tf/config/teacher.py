"""The forms of `members.teacher`: none, the largest member, a member by name, or a path."""

from __future__ import annotations

import re

NO_TEACHER, LARGEST = "none", "largest"
_MEMBER = re.compile(r"s(\d+)")


def check_teacher(value: str) -> str:
    """Returns a teacher as it is.

    Args:
      value: "none", "largest", a member such as "s4", or a path.

    Raises:
      ValueError: If it is none of them.
    """
    if value in (NO_TEACHER, LARGEST) or _MEMBER.fullmatch(value) or is_path(value):
        return value
    raise ValueError(
        "must be none, largest, a member such as s4, the path of a Keras model (FILE.keras) or the folder "
        f"members/sN of a run. Received: {value!r}"
    )


def is_path(teacher: str) -> bool:
    """Whether a teacher is given by the path of a file or a folder."""
    return teacher.endswith(".keras") or "/" in teacher


def stage_of(teacher: str) -> int | None:
    """Returns the scaling stage of a teacher that is given as a member, otherwise None."""
    named = _MEMBER.fullmatch(teacher)
    return int(named[1]) if named else None
