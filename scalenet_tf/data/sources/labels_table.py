"""labels.csv: which classes each image of a folder has."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalenet_tf.data.sources.class_names import utf8_text
from scalenet_tf.data.sources.split_names import Role, role_of
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils.class_name import class_name
from scalenet_tf.utils.shown import received

TABLE = "labels.csv"
FORM = "the columns file and labels, such as cats/1.jpg,cat;dog"
_NEEDED, _SPLIT = ("file", "labels"), "split"


@dataclass(frozen=True)
class TableRow:
    """A row of the table.

    Attributes:
      line: Number of its line, from 1.
      file: Path of the image below the folder.
      labels: Names of its classes; none for an image without any.
      role: Split of the image, None if the table has no such column.
    """

    line: int
    file: str
    labels: tuple[str, ...]
    role: Role | None


def parse_table(content: bytes, path: str) -> tuple[TableRow, ...]:
    """Returns the rows of labels.csv.

    Args:
      content: Content of the file: UTF-8, comma-separated, with a first line that names the columns `file`,
        `labels` (separated by semicolons) and, if the images are split, `split`. Other columns are ignored.
      path: Path of the file for messages.

    Raises:
      ScaleNetError: If it is not such a table, a file stands in two rows or is not below the folder, or a
        split is not known.
    """
    text = utf8_text(content, path, f"a table with {FORM}")
    # A quotation mark after a blank would otherwise be a part of the cell, and its commas and marks stay.
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        columns = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        _check_columns(columns, path)
        rows = tuple(_rows(reader, path))
    except csv.Error as error:
        line = reader.reader.line_num
        raise InvalidInputError(
            f"`data.source`: {path!r} must be a table of comma-separated values. Line {line} is not: "
            f"{error}. Write a quotation mark within a cell twice, and close every one that opens."
        ) from error
    if not rows:
        raise InvalidInputError(f"`data.source`: {path!r} must hold a row for each image. It holds none.")
    check_once(rows, path)
    return rows


def _check_columns(columns: list[str], path: str) -> None:
    missing = [name for name in _NEEDED if name not in columns]
    if missing or len(set(columns)) < len(columns):
        guess = nearest(missing[0], columns) if missing else " A column stands twice."
        hint = " Separate columns by commas, and labels by semicolons." if ";" in "".join(columns) else ""
        raise InvalidInputError(
            f"`data.source`: {path!r} must have {FORM}, named in its first line. Received the columns: "
            f"{', '.join(map(received, columns)) or 'none'}.{guess}{hint}"
        )


def _rows(reader: csv.DictReader[str], path: str) -> Iterator[TableRow]:
    for cells in reader:
        line = reader.line_num
        if None in cells or None in cells.values():  # more cells than columns, or fewer
            raise InvalidInputError(
                f"`data.source`: line {line} of {path!r} must have a cell for each of the "
                f"{len(reader.fieldnames or ())} columns. Put cells that hold commas into quotation marks."
            )
        labels = tuple(
            dict.fromkeys(name for part in cells["labels"].split(";") if (name := class_name(part)))
        )
        split = cells.get(_SPLIT)
        role = None if split is None else role_of(split.strip())
        if split is not None and role is None:
            raise InvalidInputError(
                f"`data.source`: line {line} of {path!r} must name its split train, validation or test. "
                f"Received: {received(split)}. Leave the column out to have the images split at random."
            )
        yield TableRow(line, _below(cells["file"].strip(), line, path), labels, role)


def _below(file: str, line: int, path: str) -> str:
    """Returns the path of an image in one form."""
    found = os.path.normpath(file.replace("\\", "/")) if file else ""
    if not file or os.path.isabs(found) or found in (".", "..") or found.startswith("../"):
        raise InvalidInputError(
            f"`data.source`: line {line} of {path!r} must name an image by its path below the table's "
            f"folder. Received: {received(file)}."
        )
    return found


def check_once(rows: Sequence[TableRow], path: str) -> None:
    """Raises ScaleNetError if two rows name the same file."""
    lines: dict[str, int] = {}
    for row in rows:
        if row.file in lines:
            raise InvalidInputError(
                f"`data.source`: {path!r} must have one row for each image. {row.file!r} stands in the lines "
                f"{lines[row.file]} and {row.line}. Join them: all labels of an image stand in one cell."
            )
        lines[row.file] = row.line
