"""The folder of a study: study.json says what its items belong to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from scalenet_tf.utils.value import Value

Study = TypeVar("Study", bound=Value)
Item = TypeVar("Item")


def begin(folder: Path, study: Value) -> None:
    """Notes what is studied.

    Raises:
      ScaleNetError: where the folder holds another study.
    """
    file = folder / "study.json"
    if file.is_file():
        there = type(study).model_validate(files.read_json(file))
        # Where the images lie decides nothing.
        data = there.data.model_copy(update={"data_dir": study.data.data_dir})  # type: ignore[attr-defined]
        if there.model_copy(update={"data": data}) != study:
            raise ScaleNetError(
                f"`output` {str(folder)!r} holds another study: {file} differs. Give another --output, or "
                "the options that it was begun with."
            )
    files.write_json(file, study.model_dump(mode="json"))


def read(folder: Path, kind: type[Study], command: str) -> Study:
    """What is studied.

    Raises:
      ScaleNetError: where the folder holds no study; `command` begins one.
    """
    if not (folder / "study.json").is_file():
        raise ScaleNetError(
            f"`output` must be the folder of a study. Received: {str(folder)!r}. Begin one with: {command}"
        )
    return kind.model_validate(files.read_json(folder / "study.json"))


def part_of(items: Sequence[Item], share: str) -> list[Item]:
    """The K-th of N equal parts of `items`, for `share` "K/N".

    Raises:
      ScaleNetError: for a share of another form.
    """
    part, parts = parse_share(share)
    return list(items[part - 1 :: parts])


def parse_share(share: str) -> tuple[int, int]:
    """K and N of "K/N".

    Raises:
      ScaleNetError: for a share of another form.
    """
    part, _, parts = share.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise ScaleNetError(f"`share` must be K/N with K from 1 to N, such as 1/2. Received: {share!r}")
    return int(part), int(parts)
