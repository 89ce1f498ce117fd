"""The folder of a study: study.json says what its items belong to."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from scalenet_tf import files
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import Value

Study = TypeVar("Study", bound=Value)


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
