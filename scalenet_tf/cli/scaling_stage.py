"""Scaling stages on the command line: "s1", "S1" and "1" are the same one for every option."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.errors import InvalidInputError

if TYPE_CHECKING:
    from scalenet_tf.run import Run

_STAGE = re.compile(r"[sS]?([0-9]{1,9})")


def parse_stage(word: str | int) -> int:
    """Returns the scaling stage that a word names.

    Args:
      word: Name or number, such as "S1", "s1" or "1".

    Raises:
      BadParameter: If it names no scaling stage.

    Example:
      >>> parse_stage("S1")
      1
    """
    found = _STAGE.fullmatch(str(word).strip())
    if not found:
        raise typer.BadParameter(
            f"must be a scaling stage, such as S1, s1 or 1. Received: {str(word)!r}. `scalenet info run DIR` "
            "lists those of a run."
        )
    return int(found[1])


def parse_model(word: str) -> str:
    """Returns the name that a member is served under: "s1" for "S1" and "1"; other names stay.

    Args:
      word: Name of a served model, or a scaling stage.
    """
    found = _STAGE.fullmatch(word.strip())
    return f"s{int(found[1])}" if found else word


def check_stages(run: Run, stages: Iterable[int]) -> None:
    """Checks that the family of a run has these members.

    Args:
      run: The run.
      stages: Scaling stages that were asked for.

    Raises:
      ScaleNetError: If there is no family yet, or it lacks a stage; the text names those that exist.
    """
    family = run.family()
    if missing := [f"S{stage}" for stage in stages if stage not in family.stages]:
        known = ", ".join(f"S{stage}" for stage in family.stages)
        raise InvalidInputError(
            f"`--stage` must be one of {known}, the members of the run {str(run.path)!r}. Received: "
            f"{', '.join(missing)}"
        )


StageOption = Annotated[
    list[int] | None,
    typer.Option(
        "--stage",
        parser=parse_stage,
        metavar="S",
        help="Scaling stage to work on: S1, s1 or 1. Repeatable. Default: all.",
    ),
]
MemberOption = Annotated[
    int,
    typer.Option(
        "--stage", parser=parse_stage, metavar="S", help="Scaling stage of the member: S1, s1 or 1."
    ),
]
