"""`TrainedFamily`: the family of a run, used from Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.api.family_member import FamilyMember, stage_of
from scalenet_tf.api.report_file import ReportFile
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.table import FamilyTable
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.utils.html import html_table

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


class TrainedFamily:
    """The family of a run: a sequence of members, S0 first, that prints as a table.

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

    @property
    def rows(self) -> list[FamilyRow]:
        """Costs and accuracies of each member; what is not measured yet is None."""
        return family_rows(self.run)

    @property
    def report(self) -> ReportFile:
        """Path of the HTML report, which may not be written yet; a notebook shows the report."""
        return ReportFile(self.run.report_file)

    def __getitem__(self, name: str | int) -> FamilyMember:
        return FamilyMember(self.run, stage_of(name, self.rows))

    def __iter__(self) -> Iterator[FamilyMember]:
        return (FamilyMember(self.run, row) for row in self.rows)

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
