"""`FittedTable`: every table of the command line. It fits the terminal; in a pipe, each row is one line."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partialmethod
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from scalenet_tf.utils.printable import printable

PROSE = 24  # Narrowest column of sentences, which break between words.
_FRAME = 3  # A line and two spaces beside each cell.
_PIPE = 100_000  # Columns of a file or a pipe, whose lines may be as long as they are.
_WIDEST = 40  # Of a column whose cells are filled up with spaces in a pipe.


class _PrintableConsole(Console):
    """A console that escapes unprintable characters, which a user's names may contain, and cuts no line."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(printable(text), **options)

    print = partialmethod(Console.print, crop=False)


def console() -> Console:
    """Returns a console on stdout. In a file or a pipe, lines have any length, or COLUMNS if that is set."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit() else _PIPE
    # No markup: a user's names and paths may contain brackets.
    return _PrintableConsole(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
      heading: Heading.
      cells: Text of each row.
      rank: 0 for a column that is always shown; of the others, those of the highest rank are left out first.
      number: Whether cells are numbers, which are aligned to the right.
      prose: Whether cells may break into several lines, down to a width of `PROSE`.
      otherwise: Line below the table that says the same where the column is left out.
    """

    heading: str
    cells: Sequence[str]
    rank: int = 0
    number: bool = False
    prose: bool = False
    otherwise: str = ""

    @property
    def width(self) -> int:
        """Width in characters below which the column does not fit."""
        widest = max(cell_len(line) for text in (self.heading, *self.cells) for line in text.split("\n"))
        return min(widest, max(PROSE, cell_len(self.heading))) if self.prose else widest


@dataclass(frozen=True)
class FittedTable:
    """A table that leaves out its least important columns where the terminal is too narrow for all of them.

    If even the columns of rank 0 are too wide, each row becomes a block of lines with all its cells. In a
    file or a pipe, each row is one line without a frame.

    Attributes:
      columns: The columns; the first one names the row.
      title: Line above the table.
      notes: Lines below the table.
      headings: Whether the headings are shown.

    Example:
      >>> names, paths = Column("name", ["s0"]), Column("path", ["runs/first/members/s0"], rank=1)
      >>> console().print(FittedTable([names, paths], "members"))
    """

    columns: Sequence[Column]
    title: str = ""
    notes: Sequence[str] = field(default=())
    headings: bool = True

    def fitting(self, width: int) -> list[Column]:
        """Returns the columns that fit a width in characters; none if those of rank 0 do not."""
        shown = list(self.columns)
        while _width(shown) > width:
            rank = max(column.rank for column in shown)
            if rank == 0:
                return []
            shown = [column for column in shown if column.rank < rank]
        return shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = self.fitting(options.max_width)
        if self.title:
            yield Text(printable(self.title), style="table.title", overflow="fold")
        if options.max_width >= _PIPE:
            yield from (Text(line, no_wrap=True, overflow="ignore") for line in self._lines())
        elif shown:
            yield self._table(shown)
        else:
            yield from self._blocks(options.max_width)
        left_out = [column for column in self.columns if column not in shown] if shown else []
        if hidden := [column.heading for column in left_out if not column.otherwise]:
            yield Text(f"Not shown in {options.max_width} columns: {', '.join(hidden)}.", style="dim")
        for column in left_out:
            if column.otherwise:
                # As long as it is, so that a path can be copied.
                yield Text(printable(column.otherwise), no_wrap=True, overflow="ignore")
        for note in self.notes:
            yield Text(printable(note), style="table.caption", overflow="fold")

    def _lines(self) -> Iterator[str]:
        """A line for each row, columns two spaces apart, as `grep`, `less` and `awk -F"  +"` take them."""
        columns = []
        for column in self.columns:
            texts = [column.heading, *column.cells] if self.headings else list(column.cells)
            cells = [printable(" ".join(text.splitlines())) for text in texts]
            widest = max(map(cell_len, cells), default=0)
            columns.append(
                [_filled(cell, widest, column.number) for cell in cells] if widest <= _WIDEST else cells
            )
        for row in zip(*columns, strict=True):
            yield "  ".join(row).rstrip()

    def _table(self, shown: list[Column]) -> Table:
        table = Table(show_header=self.headings)
        for column in shown:
            table.add_column(
                column.heading,
                justify="right" if column.number else "left",
                no_wrap=not column.prose,
                overflow="fold",
                min_width=column.width,
            )
        for cells in zip(*(column.cells for column in shown), strict=True):
            table.add_row(*(Text(printable(cell)) for cell in cells))
        return table

    def _blocks(self, width: int) -> RenderResult:
        first, *others = self.columns
        names = max(cell_len(column.heading) for column in others)
        for number, name in enumerate(first.cells):
            # As long as they are, so that a path can be copied from a terminal that breaks its line.
            yield Text(printable(f"{first.heading} {name}"), style="bold", no_wrap=True, overflow="ignore")
            for column in others:
                for line in _block_lines(column, number, names, width):
                    yield Text(printable(line), no_wrap=True, overflow="ignore")


def _filled(cell: str, width: int, number: bool) -> str:
    spaces = " " * (width - cell_len(cell))
    return spaces + cell if number else cell + spaces


def _width(columns: Sequence[Column]) -> int:
    return sum(column.width + _FRAME for column in columns) + 1


def _block_lines(column: Column, row: int, names: int, width: int) -> list[str]:
    start, rest = f"  {column.heading:<{names}}  ", " " * (names + 4)
    if column.prose and width - len(rest) >= PROSE:
        return textwrap.wrap(
            column.cells[row], width, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False
        ) or [start.rstrip()]
    first, *more = column.cells[row].split("\n")
    return [(start + first).rstrip(), *(rest + line for line in more)]
