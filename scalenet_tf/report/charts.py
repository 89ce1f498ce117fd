"""Charts of the report: functions from rows to plotly figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from scalenet_tf.config import Task
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.growth import GrowthRatios
from scalenet_tf.report.standard_error import error_of
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.run.search_result import ArchiveEntry, ChainState
from scalenet_tf.utils.formatting import count
from scalenet_tf.utils.printable import one_line

# The colours of Okabe and Ito, which are distinct for every kind of colour vision.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#7a6c00", "#555555")
_LAYOUT: dict[str, object] = {
    "template": "plotly_white",
    "colorway": COLOURS,
    "font": {"family": "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif", "size": 13},
    "margin": {"l": 64, "r": 24, "t": 40, "b": 56},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hoverlabel": {"align": "left"},
    "height": 400,
}
# Position of the legend if titles of subplots are above the plot.
_BELOW = {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0}


def colour(stage: int) -> str:
    """Returns the colour of a scaling stage, which is the same in every chart."""
    return COLOURS[stage % len(COLOURS)]


def accuracy_against_macs(
    family: Sequence[FamilyRow], archive: Sequence[ArchiveEntry], task: Task = Task.single_label
) -> go.Figure:
    """Score and multiply-adds of trained members, and of the Pareto archive with shared weights."""
    figure = go.Figure()
    if archive:
        points = sorted(archive, key=lambda point: point.macs)
        figure.add_scatter(
            x=[point.macs for point in points],
            y=[point.score for point in points],
            mode="lines+markers",
            line={"color": "#9a9a9a", "width": 1, "shape": "hv"},
            marker={"size": 8, "color": [colour(point.stage) for point in points]},
            name="Pareto archive of the search (shared weights, search validation)",
            hovertext=[f"stage {point.stage}, {point.scaling}" for point in points],
        )
    for key, name, symbol in (
        ("validation_accuracy", "members (trained, validation)", "circle-open"),
        ("test_accuracy", "members (trained, test)", "circle"),
    ):
        rows = [row for row in family if getattr(row, key) is not None]
        if rows:
            figure.add_scatter(
                x=[row.macs for row in rows],
                y=[getattr(row, key) for row in rows],
                mode="lines+markers+text" if key == "test_accuracy" else "lines+markers",
                text=[row.name.upper() for row in rows],
                textposition="bottom center",
                line={"color": "#333333", "dash": "solid" if key == "test_accuracy" else "dot"},
                marker={"size": 12, "symbol": symbol},
                name=name,
                error_y=_error_bars(rows) if key == "test_accuracy" else None,
            )
    figure.update_xaxes(type="log", title="multiply-adds of one image")
    if family:
        macs = [row.macs for row in family]
        figure.update_xaxes(tickvals=macs, ticktext=[count(value) for value in macs])
    figure.update_yaxes(title=task.score, tickformat=".1%")
    return figure.update_layout(**_LAYOUT)


def _error_bars(rows: Sequence[FamilyRow]) -> dict[str, object]:
    """One standard error of the test accuracy up and down."""
    return {"type": "data", "array": [error_of(row) or 0 for row in rows], "thickness": 1, "width": 4}


def chain(trajectory: Sequence[ChainState], task: Task = Task.single_label) -> go.Figure:
    """Score of each stage and fitness of the chain's state, by round."""
    rounds = [state.round for state in trajectory]
    figure = go.Figure()
    for stage in range(len(trajectory[0].scores)):
        figure.add_scatter(
            x=rounds,
            y=[state.scores[stage] for state in trajectory],
            hovertext=[str(state.scalings[stage]) for state in trajectory],
            mode="lines+markers",
            line={"color": colour(stage)},
            name=f"stage {stage}",
        )
    figure.add_scatter(
        x=rounds,
        y=[state.fitness for state in trajectory],
        mode="lines+markers",
        line={"color": "#333333", "width": 3},
        name="fitness",
    )
    figure.update_xaxes(title="round", dtick=1)
    figure.update_yaxes(title=f"{task.score} on the search's validation images", tickformat=".1%")
    return figure.update_layout(**_LAYOUT)


def supernet_curves(log: Sequence[TrainingRow], task: Task = Task.single_label) -> go.Figure:
    """Loss and score of the super-supernet's training batches, by scaling stage."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=("training loss", f"training {task.short_score}"))
    for stage in sorted({stage for row in log for stage in row.stage_loss}):
        rows = [row for row in log if stage in row.stage_loss]
        losses = [row.stage_loss[stage] for row in rows]
        for column, values in ((1, losses), (2, [row.stage_accuracy[stage] for row in rows])):
            _add_line(
                figure,
                column,
                f"stage {stage}",
                x=[row.step for row in rows],
                y=values,
                line={"color": colour(stage), "width": 1.5},
                mode="lines",
            )
    return _laid_out_curves(figure, "step")


def member_curves(histories: Mapping[int, Sequence[EpochRow]], task: Task = Task.single_label) -> go.Figure:
    """Loss and validation score of each member's training, by epoch."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=("training loss", f"validation {task.short_score}"))
    for stage, rows in histories.items():
        losses = [row.loss for row in rows]
        for column, values in ((1, losses), (2, [row.val_accuracy for row in rows])):
            _add_line(
                figure,
                column,
                f"S{stage}",
                x=[row.epoch for row in rows],
                y=values,
                line={"color": colour(stage)},
                mode="lines+markers",
            )
    return _laid_out_curves(figure, "epoch")


def confusion(members: Mapping[str, Metrics], labels: Sequence[str]) -> go.Figure:
    """Heat map for each member: fractions of each class's test images by predicted class."""
    titles = [f"{name.upper()} answers" for name in members]
    figure = make_subplots(rows=1, cols=len(members), subplot_titles=titles, horizontal_spacing=0.16)
    names = [escape(one_line(label)) for label in labels]  # Plotly reads some HTML in texts.
    for column, metrics in enumerate(members.values(), start=1):
        rows = [[count / max(1, sum(row)) for count in row] for row in metrics.confusion or ()]
        right = ["none" if share is None else f"{share:.0%}" for share in metrics.class_accuracy or ()]
        figure.add_heatmap(
            z=rows,
            x=names,
            y=[f"{label} {share}" for label, share in zip(names, right, strict=True)],
            coloraxis="coloraxis",
            hovertemplate="%{y} answered as %{x}: %{z:.1%}<extra></extra>",
            row=1,
            col=column,
        )
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(**_LAYOUT, coloraxis={"colorscale": "Blues", "cmin": 0, "cmax": 1})


def class_precisions(members: Mapping[str, Metrics], labels: Sequence[str]) -> go.Figure:
    """Average precision of each class on the test split, by member."""
    names = [escape(one_line(label)) for label in labels]  # Plotly reads some HTML in texts.
    figure = go.Figure()
    for name, metrics in members.items():
        figure.add_bar(x=names, y=list(metrics.class_average_precision or ()), name=name.upper())
    figure.update_yaxes(title="average precision", tickformat=".0%", range=[0, 1])
    return figure.update_layout(**_LAYOUT, barmode="group")


def sampled_macs(macs: Mapping[int, Sequence[int]], targets: Sequence[int]) -> go.Figure:
    """Histogram of the multiply-adds of drawn subnets, by scaling stage."""
    figure = go.Figure()
    for stage, values in macs.items():
        figure.add_histogram(
            x=values, nbinsx=80, name=f"stage {stage}", marker={"color": colour(stage)}, opacity=0.65
        )
    for stage, target in enumerate(targets):
        figure.add_vline(x=target, line={"color": colour(stage), "dash": "dash"}, annotation_text=f"S{stage}")
    figure.update_xaxes(title="multiply-adds of one image", exponentformat="SI")
    figure.update_yaxes(title="draws")
    return figure.update_layout(**_LAYOUT, barmode="overlay")


def growth(found: Sequence[GrowthRatios], compound: Sequence[GrowthRatios]) -> go.Figure:
    """Ratios to the base, for the found scaling and EfficientNet's compound rule."""
    titles = ("depth (blocks)", "width (channels)", "resolution (pixels)", "multiply-adds")
    figure = make_subplots(rows=1, cols=4, subplot_titles=titles, horizontal_spacing=0.05)
    for column, key in enumerate(("depth", "width", "resolution", "macs"), start=1):
        for name, rows, line in (
            ("found", found, {"color": COLOURS[0], "width": 2.5}),
            ("EfficientNet's compound rule on the same base", compound, {"color": "#777777", "dash": "dash"}),
        ):
            _add_line(
                figure,
                column,
                name,
                x=[f"S{row.stage}" for row in rows],
                y=[getattr(row, key) for row in rows],
                line=line,
                mode="lines+markers",
            )
    # One tick per doubling.
    figure.update_yaxes(type="log", dtick=math.log10(2), tickformat=".3~r", row=1, col=4)
    return figure.update_layout(**_LAYOUT).update_layout(legend=_BELOW)


def _add_line(figure: go.Figure, column: int, name: str, **line: Any) -> None:
    """Adds a line to one of several panels; the legend shows the first panel's line for all of that name."""
    figure.add_scatter(name=name, legendgroup=name, showlegend=column == 1, row=1, col=column, **line)


def _laid_out_curves(figure: go.Figure, unit: str) -> go.Figure:
    """Lays out a panel of losses and a panel of accuracies, over steps or epochs."""
    figure.update_xaxes(title=unit)
    figure.update_yaxes(tickformat=".0%", col=2)
    return figure.update_layout(**_LAYOUT).update_layout(legend=_BELOW)
