"""Charts as SVG: matplotlib draws them, the style sheet of the page colours them, and words describe them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Points; a chart is shown about this wide, on a phone and beside others on a large screen.
WIDTH, HEIGHT = 380, 260
# The colours of Okabe and Ito, which are distinct for every kind of colour vision.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7a6c00", "#555555")
INK, SOFT, LINE = "#1d2129", "#5c6470", "#dfe3e8"
# Colours that the page replaces, since it may be dark.
_VARIABLES = {INK: "--ink", SOFT: "--soft", LINE: "--line"} | {
    colour: f"--c{number}" for number, colour in enumerate(COLOURS)
}
_STYLE: Any = {  # Its type, a literal of 300 keys, is matplotlib's own.
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "text.color": INK,
    "text.parse_math": False,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "legend.columnspacing": 1.2,
}
_COLUMNS = 5  # of a legend


@dataclass(frozen=True)
class Chart:
    """A chart of the page.

    Attributes:
      title: Heading above it.
      svg: The drawing, which screen readers skip.
      summary: Content of the chart in words and numbers.
    """

    title: str
    svg: str
    summary: str


def colour(stage: int) -> str:
    """Returns the colour of a scaling stage, which is the same in every chart."""
    return COLOURS[stage % len(COLOURS)]


@contextmanager
def drawing() -> Iterator[tuple[Figure, Axes]]:
    """Gives a figure of the page's size with one pair of axes; use it before the context ends."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
        # Fixed, as all texts are short: a layout that fits itself to them takes most of the time.
        figure.subplots_adjust(left=0.19, right=0.97, bottom=0.18, top=0.96)
        yield figure, figure.add_subplot()


def legend(figure: Figure, axes: Axes) -> None:
    """Writes the names of the lines above the axes."""
    handles, names = axes.get_legend_handles_labels()
    rows = -(-len(names) // _COLUMNS)
    figure.subplots_adjust(top=0.97 - 0.075 * rows)
    figure.legend(handles, names, loc="upper left", ncols=_COLUMNS, borderaxespad=0)


def log_axis(axes: Axes, text: Callable[[float], str], ratio: float) -> None:
    """Makes the horizontal axis logarithmic, with a few round ticks.

    Args:
      axes: The axes.
      text: Returns a value as text.
      ratio: Ratio of the largest value to the smallest.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    digits = (1, 2, 3, 5, 7) if ratio < 8 else (1, 2, 5) if ratio < 30 else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=digits))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def svg_of(figure: Figure, name: str) -> str:
    """Returns a figure as an SVG element without a size of its own, to be set into a page.

    Args:
      figure: The figure; drawn while its `drawing` is open.
      name: Name of the chart in the page, which keeps the identifiers of its parts from those of others.
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    size = re.search(r'viewBox="[^"]*"', text)
    text = text[text.index("<g ") : text.rindex("</svg>")]
    # Only parts that others refer to keep an identifier: those of all charts meet in one page.
    used = set(re.findall(r"#(\w+)", text))
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", text)
    for value, variable in _VARIABLES.items():
        text = text.replace(value, f"var({variable})")
    return f'<svg {size[0] if size else ""} aria-hidden="true" focusable="false">{text}</svg>'
