"""The report page: one self-contained HTML file that opens without a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.report.recommendation import Limits, Recommendation, recommendation_of
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.utils import files, formatting

if TYPE_CHECKING:
    from jinja2 import Environment

_FILTERS = (
    formatting.count,
    formatting.memory,
    formatting.percent,
    formatting.milliseconds,
    formatting.duration,
)


@dataclass(frozen=True)
class WrittenReport:
    """The report page of a run.

    Attributes:
      path: Path of the page.
      recommendation: The member that it recommends.
    """

    path: Path
    recommendation: Recommendation


def write_report(run: Run | str | Path, limits: Limits | None = None) -> WrittenReport:
    """Writes RUN/report.html from the results that a run has so far.

    Args:
      run: Any run, or its path; for a missing part the page gives the command that makes it.
      limits: Limits of the device that a member is recommended for. Default: none; then it is the smallest
        member that is not clearly worse than the best.

    Returns:
      The path of the page, and the member that it recommends.

    Raises:
      ScaleNetError: If a file of the run is damaged.

    Example:
      >>> write_report("runs/first", Limits(max_latency_ms=5))
    """
    from scalenet_tf.report.content import page_content

    run, limits = given_run(run), limits or Limits()
    advice = recommendation_of(run, limits)
    template = _environment().get_template("page.html")
    page = files.write_text(run.report_file, template.render(page_content(run, limits, advice)))
    return WrittenReport(page, advice)


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("scalenet_tf.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in _FILTERS} | {
        "python": repr,
        "whole": _whole,
    }
    return environment


def _whole(fraction: float) -> str:
    """Formats a fraction in whole per cent, in one piece: 0.93 gives "93 %"."""
    return f"{100 * fraction:.0f}\N{NO-BREAK SPACE}%"
