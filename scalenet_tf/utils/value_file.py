"""Reading and writing values as JSON files, and as rows of JSON-lines logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import JsonValue, ValidationError

from scalenet_tf.errors import DamagedFileError, NotReadyError, ScaleNetError
from scalenet_tf.utils import files
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.value import Value

_SHOWN = 5  # problems of a file that an error lists


class FileValue(Value):
    """A value that has a JSON file of its own.

    Attributes:
      layout: Version of the file's layout, the key `schema` in it; None for a file without that key.
    """

    layout: ClassVar[int | None] = 1


Stored = TypeVar("Stored", bound=FileValue)
Row = TypeVar("Row", bound=Value)


def to_json(value: FileValue) -> dict[str, JsonValue]:
    """Returns the content of a value's file."""
    schema: dict[str, JsonValue] = {} if value.layout is None else {"schema": value.layout}
    return {**schema, **value.model_dump(mode="json", by_alias=True)}


def write_value(path: str | Path, value: FileValue) -> Path:
    """Writes a value's file, atomically."""
    return files.write_json(path, to_json(value))


def read_value(path: str | Path, kind: type[Stored], advice: str) -> Stored:
    """Reads a value's file.

    Args:
      path: File that `write_value` wrote.
      kind: Type of the value.
      advice: Sentence that tells the user what to do if the file cannot be read.

    Returns:
      The value.

    Raises:
      ScaleNetError: If there is no such file, or it is not JSON of this type; the text names the file, the
        wrong keys and the advice.

    Example:
      >>> read_value("runs/first/family.json", Family, "Remove it, and write the family again.").rule
    """
    path = Path(path)
    if not path.is_file():
        raise NotReadyError(f"{str(path)!r} is not there. {advice}")
    try:
        found = files.read_json(path)
    except ValueError as error:
        raise DamagedFileError(f"{str(path)!r} is damaged: it is not JSON ({error}). {advice}") from error
    if not isinstance(found, dict):
        raise _wrong(path, f"it must hold keys and values. Received: {type(found).__name__}", advice)
    if kind.layout is not None and found.pop("schema", None) != kind.layout:
        raise _wrong(path, f"it has no `schema` {kind.layout}", advice)
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise _wrong(path, _problems(error), advice) from error


def read_if_there(path: str | Path, kind: type[Stored], advice: str) -> Stored | None:
    """Reads a value's file as `read_value` does, or returns None if there is no such file."""
    return read_value(path, kind, advice) if Path(path).is_file() else None


def row_line(row: Value) -> str:
    """Returns the line of a JSON-lines log that holds a row."""
    return json.dumps(row.model_dump(mode="json")) + "\n"


def read_rows(path: str | Path, kind: type[Row], advice: str) -> list[Row]:
    """Reads a JSON-lines log, without a last line that a kill cut short.

    Args:
      path: File of lines as `row_line` makes them.
      kind: Type of the rows.
      advice: Sentence that tells the user what to do about a damaged line.

    Returns:
      The rows; none if there is no file.

    Raises:
      ScaleNetError: If a complete line is not a row of this type; the text names file, line and advice.
    """
    path, rows = Path(path), []
    # A byte that is not UTF-8 is as wrong as its line.
    *whole, _ = path.read_text("utf-8", errors="replace").split("\n") if path.is_file() else [""]
    for number, line in enumerate(whole, start=1):
        try:
            rows.append(kind.model_validate_json(line))
        except ValidationError as error:
            raise _wrong(path, f"line {number}: {_problems(error)}", advice) from error
    return rows


def _problems(error: ValidationError) -> str:
    """Returns the first wrong keys in one line; values are shortened, since they may be whole files."""
    found = []
    for problem in error.errors(include_url=False)[:_SHOWN]:
        key = ".".join(map(str, problem["loc"]))
        given = "" if problem["type"] == "missing" else f", received {received(problem['input'])}"
        found.append(f"`{key}`: {problem['msg']}{given}")
    left = error.error_count() - len(found)
    return "; ".join([*found, *([f"and {left} more"] if left else [])])


def _wrong(path: Path, problem: str, advice: str) -> ScaleNetError:
    return DamagedFileError(f"{str(path)!r} is damaged or of another version: {problem}. {advice}")
