"""`TrainedFamily`: the family of a run, used from Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from html import escape
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex, overload

from scalenet_tf.api.family_member import FamilyMember
from scalenet_tf.api.report_file import ReportFile
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.table import FamilyTable
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.utils.html import html_table

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


class NoSuchMemberError(InvalidInputError, IndexError):
    """A family has no such member. As an `IndexError` it also ends what goes through a sequence by number."""


class TrainedFamily(Sequence[FamilyMember]):
    """The family of a run: a sequence of members, S0 first, that prints as a table.

    Members are taken by name or, as those of a list, by position: `family["s2"]`, `family[-1]`, `family[:2]`.
    A member is the same object each time, so that its model stays compiled, and keeps what it is fitted to.
    It loads that model when it is first needed; the models stay in memory as long as the family.

    Args:
      run: Run whose family has been written, or its path.

    Raises:
      ScaleNetError: If there is no family yet.

    Example:
      >>> family = sn.open_family("runs/mine")
      >>> family["s2"].row.test_accuracy
    """

    def __init__(self, run: Run | str | Path) -> None:
        self.run = given_run(run)
        self.run.family()  # says what to do if there is none
        self._members: dict[int, FamilyMember] = {}

    @property
    def rows(self) -> list[FamilyRow]:
        """Costs and accuracies of each member; what is not measured yet is None."""
        return family_rows(self.run)

    @property
    def report(self) -> ReportFile:
        """Path of the HTML report, which may not be written yet; a notebook shows the report."""
        return ReportFile(self.run.report_file)

    @overload
    def __getitem__(self, name: str | SupportsIndex) -> FamilyMember: ...

    @overload
    def __getitem__(self, name: slice) -> list[FamilyMember]: ...

    def __getitem__(self, name: str | SupportsIndex | slice) -> FamilyMember | list[FamilyMember]:
        rows = self.rows
        if isinstance(name, slice):
            return [self._member(row) for row in rows[name]]
        return self._member(rows[_position(name, rows)])

    def __iter__(self) -> Iterator[FamilyMember]:
        return (self._member(row) for row in self.rows)

    def _member(self, row: FamilyRow) -> FamilyMember:
        # One object among threads too.
        member = self._members.setdefault(row.stage, FamilyMember(self.run, row))
        member.row = row  # which an export completes
        return member

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return str(FamilyTable.of(self.rows))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """The table in a notebook."""
        table = FamilyTable.of(self.rows)
        notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
        return html_table(table.headings, table.rows) + notes

    def to_dataframe(self) -> pandas.DataFrame:
        """Returns a row for each member as a pandas data frame, indexed by name.

        Raises:
          ScaleNetError: If pandas is not installed.

        Example:
          >>> family.to_dataframe()[["macs", "test_accuracy"]]
        """
        try:
            import pandas
        except ImportError as error:
            raise ScaleNetError("`to_dataframe` needs pandas: pip install pandas") from error
        values = [{**asdict(row), "scaling": str(row.scaling)} for row in self.rows]
        return pandas.DataFrame(values).set_index("name")

    def plot(self) -> Axes:
        """Draws test accuracy against multiply-adds with matplotlib, in a new figure of pyplot.

        Returns:
          The axes, as pandas' `plot` does.

        Example:
          >>> family.plot().figure.savefig("family.png")
        """
        import matplotlib.pyplot as plt

        from scalenet_tf.report.cost_charts import MACS, draw_accuracy

        _, axes = plt.subplots()
        draw_accuracy(axes, self.rows, MACS)
        return axes


def _position(name: str | SupportsIndex, rows: Sequence[FamilyRow]) -> int:
    """Returns the position of a member, which is named "s2", "S2" or "2", or given, also from the end."""
    if isinstance(name, str):
        found = [k for k, row in enumerate(rows) if name.lower() in (row.name, str(row.stage))]
    else:
        found = [position] if -len(rows) <= (position := index(name)) < len(rows) else []
    if not found:
        raise NoSuchMemberError(
            f"`name` must be one of the family's members, {[row.name for row in rows]}, or a position among "
            f"them. Received: {name!r}"
        )
    return found[0]


def open_family(run: Run | str | Path) -> TrainedFamily:
    """Opens the family of a run.

    Args:
      run: The run, or the path of its directory.

    Raises:
      ScaleNetError: If there is no run, or no family yet.

    Example:
      >>> print(sn.open_family("runs/mine"))
    """
    return TrainedFamily(run)
