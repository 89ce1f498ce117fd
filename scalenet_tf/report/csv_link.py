"""Rows as CSV files that a page holds in its links."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any
from urllib.parse import quote

from scalenet_tf.report.exported_files import FileRow
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.run import Run


def family_csv(run: Run, rows: Sequence[FamilyRow]) -> str:
    """Returns the link to a CSV file of the family; paths are relative to the run."""
    values = [
        {
            **asdict(row),
            "scaling": str(row.scaling),
            "saved_model": row.saved_model.relative_to(run.path) if row.saved_model else None,
        }
        for row in rows
    ]
    return _link([field.name for field in fields(FamilyRow)], values)


def files_csv(rows: Sequence[FileRow]) -> str:
    """Returns the link to a CSV file of the exported and compressed files."""
    return _link([field.name for field in fields(FileRow)], [asdict(row) for row in rows])


def _link(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return "data:text/csv;charset=utf-8," + quote(text.getvalue())
