"""The family as a table of text: the columns that the command line and Python show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from scalenet_tf.report.family import FamilyRow
from scalenet_tf.utils.formatting import count, memory, milliseconds, percent

EXTRAPOLATED = "* extrapolated beyond the super-supernet. Latency: one image, median."

COLUMNS: Mapping[str, Callable[[FamilyRow], str]] = {
    "stage": lambda row: row.name.upper() + (" *" if row.origin == "extrapolated" else ""),
    "depth / width / pixels": lambda row: str(row.scaling).replace("/", " / "),
    "blocks": lambda row: str(row.num_blocks),
    "MACs": lambda row: count(row.macs),
    "parameters": lambda row: count(row.parameters),
    "peak memory": lambda row: memory(row.peak_memory),
    "validation": lambda row: percent(row.validation_accuracy),
    "test": lambda row: percent(row.test_accuracy),
    "latency": lambda row: milliseconds(row.latency_ms),
}


def plain_table(rows: Sequence[FamilyRow]) -> str:
    """Returns the family as lines of text, without frames; numbers are aligned to the right."""
    cells = [list(COLUMNS), *([show(row) for show in COLUMNS.values()] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(COLUMNS))]

    def joined(line: list[str]) -> str:
        names = [text.ljust(width) for text, width in zip(line[:2], widths[:2], strict=True)]
        numbers = [text.rjust(width) for text, width in zip(line[2:], widths[2:], strict=True)]
        return "  ".join([*names, *numbers]).rstrip()

    lines = [joined(line) for line in cells]
    if any(row.origin == "extrapolated" for row in rows):
        lines.append(EXTRAPOLATED)
    return "\n".join(lines)
