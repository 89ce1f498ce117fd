"""The names that splits usually have, and what they are used as."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from scalenet_tf.errors import InvalidInputError

Role = Literal["train", "validation", "test"]

_ROLES: dict[str, Role] = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "eval": "validation",  # TFX
    "test": "test",
    "testing": "test",
}


def role_of(name: str) -> Role | None:
    """Returns what a split is used as by its name, in upper or lower case; None for other names."""
    return _ROLES.get(name.lower())


def assign_roles(names: Iterable[str], source: str) -> dict[Role, str]:
    """Returns the name of the split for each role that one of the names has.

    Args:
      names: Names of splits; those without a role are left out.
      source: The source in messages, such as "folder:photos".

    Raises:
      ScaleNetError: If two names have the same role.
    """
    found: dict[Role, str] = {}
    for name in names:
        role = role_of(name)
        if role is None:
            continue
        if role in found:
            raise InvalidInputError(
                f"`data.source` {source} must have one {role} split. Received two: {found[role]!r} and "
                f"{name!r}. Join them, or move one of them away."
            )
        found[role] = name
    return found
