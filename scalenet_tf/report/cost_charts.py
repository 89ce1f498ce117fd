"""Charts of the score of the members against what they cost: latency, size, multiply-adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.standard_error import error_of
from scalenet_tf.report.svg import COLOURS, INK, Chart, drawing, log_axis, svg_of
from scalenet_tf.utils.formatting import count, memory, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Places of a member's name, in points above (or below) the end of its error bar: the first free one is taken.
_PLACES = (13, -13, 26, -26, 39, -39)


@dataclass(frozen=True)
class Cost:
    """A cost of a member.

    Attributes:
      title: Name of the cost in headings.
      axis: Text of the axis.
      of: Returns the cost of a member, or None if it is not known.
      text: Returns a cost as text.
    """

    title: str
    axis: str
    of: Callable[[FamilyRow], float | None]
    text: Callable[[float], str]


LATENCY = Cost(
    "latency", "ms for one image, SavedModel", lambda row: row.latency_ms, lambda value: f"{value:.3g} ms"
)
SIZE = Cost("size", "size of the SavedModel", lambda row: row.size, lambda value: memory(round(value)))
MACS = Cost("multiply-adds", "multiply-adds for one image", lambda row: row.macs, count)


def accuracy_charts(rows: Sequence[FamilyRow], chosen: FamilyRow | None) -> list[Chart]:
    """Returns the charts of the test score against each cost that is known of a member.

    Args:
      rows: The family.
      chosen: Member to stand out.
    """
    charts = [_chart(rows, cost, chosen) for cost in (LATENCY, SIZE, MACS)]
    return [chart for chart in charts if chart is not None]


def _chart(rows: Sequence[FamilyRow], cost: Cost, chosen: FamilyRow | None) -> Chart | None:
    shown = _known(rows, cost)
    if not shown:
        return None
    title = f"{rows[0].task.score} against {cost.title}"
    with drawing() as (figure, axes):
        draw_accuracy(axes, shown, cost, chosen)
        svg = svg_of(figure, title)
    points = [
        f"{row.name.upper()} {percent(row.test_accuracy)}{_plus_minus(row)} at {cost.text(cost.of(row) or 0)}"
        for row in shown
    ]
    return Chart(title, svg, f"{title[0].upper()}{title[1:]} on the test images: {', '.join(points)}.")


def draw_accuracy(axes: Axes, rows: Sequence[FamilyRow], cost: Cost, chosen: FamilyRow | None = None) -> None:
    """Draws the members' test scores against a cost, with bars of one standard error.

    Args:
      axes: Axes to draw in.
      rows: Members; those without a score or the cost are left out.
      cost: The cost.
      chosen: Member to stand out.
    """
    from matplotlib.ticker import PercentFormatter

    shown = _known(rows, cost)
    places = [cost.of(row) or 0.0 for row in shown]
    scores = [row.test_accuracy or 0.0 for row in shown]
    errors = [error_of(row) or 0.0 for row in shown]
    axes.errorbar(
        places, scores, errors, color=INK, linewidth=1, elinewidth=1.5, capsize=4, ecolor=COLOURS[0]
    )
    for row, place, score in zip(shown, places, scores, strict=True):
        own = row == chosen
        size, fill = (11, COLOURS[3]) if own else (7, COLOURS[0])
        axes.plot([place], [score], "o", color=fill, markersize=size, zorder=3)
    axes.margins(x=0.1, y=0.22)
    _scale(axes, places, cost)
    axes.set_xlabel(cost.axis)
    axes.set_ylabel(f"test {shown[0].task.short_score}" if shown else "")
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    names = [row.name.upper() for row in shown]
    _label(axes, names, list(zip(places, scores, errors, strict=True)))


def _scale(axes: Axes, places: Sequence[float], cost: Cost) -> None:
    """Makes the axis logarithmic if the costs lie far apart; its ticks are a few round numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if places and min(places) > 0 and max(places) >= 4 * min(places):
        log_axis(axes, cost.text, max(places) / min(places))
        return
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: cost.text(value)))


def _label(axes: Axes, names: Sequence[str], points: Sequence[tuple[float, float, float]]) -> None:
    """Writes names above or below error bars, so that none covers another one or a bar.

    Args:
      axes: The axes.
      names: A name for each point.
      points: Position, score and error of each point.
    """
    from matplotlib.transforms import Bbox

    taken = []
    axes.autoscale_view()  # Until then, the axes do not know where in the figure a value lies.
    for place, score, error in points:
        (x, low), (_, high) = axes.transData.transform([(place, score - error), (place, score + error)])
        taken.append(Bbox.from_extents(x - 5, low - 3, x + 5, high + 3))
    for name, (place, score, error) in zip(names, points, strict=True):
        for distance in _PLACES:
            end = (place, score + error if distance > 0 else score - error)
            text = axes.annotate(
                name, end, (0, distance), textcoords="offset points", ha="center", va="center", fontsize=11
            )
            box = text.get_window_extent().padded(1)
            free = box.y0 > axes.bbox.y0 and not any(box.overlaps(other) for other in taken)
            if free or distance == _PLACES[-1]:
                taken.append(box)
                break
            text.remove()


def _known(rows: Sequence[FamilyRow], cost: Cost) -> list[FamilyRow]:
    return [row for row in rows if row.test_accuracy is not None and cost.of(row)]


def _plus_minus(row: FamilyRow) -> str:
    error = error_of(row)
    return "" if error is None else f" ± {100 * error:.1f}"
