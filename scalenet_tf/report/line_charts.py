"""Charts of lines: a value over training steps, epochs, rounds or scaling stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scalenet_tf.report.svg import INK, Chart, drawing, legend, svg_of
from scalenet_tf.utils.formatting import percent

# Points of a line; of a longer one the means of equal parts are shown.
_POINTS = 150


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
      name: Name in the legend.
      x: Positions, ascending.
      y: Values; None where there is none.
      colour: Colour.
      emphasis: Whether it stands out from the others.
      dashed: Whether it is dashed.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    colour: str = INK
    emphasis: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Axis:
    """The label of an axis and the texts of its values.

    Attributes:
      label: Text beside the axis.
      text: Function that returns a value as text.
      log: Whether it is logarithmic, with a tick for each doubling.
    """

    label: str = ""
    text: Callable[[float], str] = "{:.3g}".format
    log: bool = False


SCORE = Axis(text=percent)


def line_chart(title: str, lines: Sequence[Line], x: Axis, y: Axis) -> Chart:
    """Draws lines over a common axis of whole numbers.

    Args:
      title: Heading, which also says what the values are.
      lines: Lines of at least one point each.
      x: Axis of the positions.
      y: Axis of the values.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

    with drawing() as (figure, axes):
        for line in lines:
            places, values = _shortened(line)
            axes.plot(
                places,
                values,
                label=line.name,
                color=line.colour,
                linewidth=2.6 if line.emphasis else 1.6,
                linestyle="--" if line.dashed else "-",
                marker="o" if len(places) <= 20 else "",
                markersize=4,
            )
        if y.log:
            axes.set_yscale("log", base=2)
        shares = PercentFormatter(1, symbol=" %")
        axes.yaxis.set_major_formatter(
            shares if y is SCORE else FuncFormatter(lambda value, _: y.text(value))
        )
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: x.text(value)))
        axes.set_xlabel(x.label)
        legend(figure, axes)
        svg = svg_of(figure, title)
    return Chart(title, svg, f"{title[0].upper()}{title[1:]}. {_in_words(lines, x, y)}")


def _shortened(line: Line) -> tuple[np.ndarray, np.ndarray]:
    x = np.asarray(line.x, float)
    y = np.array([np.nan if value is None else value for value in line.y], float)
    if len(x) <= _POINTS:
        return x, y
    parts = np.array_split(np.arange(len(x)), _POINTS)
    return np.array([x[part].mean() for part in parts]), np.array([y[part].mean() for part in parts])


def _in_words(lines: Sequence[Line], x: Axis, y: Axis) -> str:
    where = f"{x.label} " if x.label else ""
    texts = []
    for line in lines:
        known = [(place, value) for place, value in zip(line.x, line.y, strict=True) if value is not None]
        if not known:
            continue
        (first, begin), (last, end) = known[0], known[-1]
        text = f"{line.name}: {y.text(begin)} at {where}{x.text(first)}"
        texts.append(text if first == last else f"{text}, {y.text(end)} at {where}{x.text(last)}")
    return "; ".join(texts) + "."
