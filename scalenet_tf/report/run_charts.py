"""Charts of the steps of a run: training, search, growth, sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from scalenet_tf.config import Task
from scalenet_tf.report.growth import GrowthRatios
from scalenet_tf.report.line_charts import SCORE, Axis, Line, line_chart
from scalenet_tf.report.svg import COLOURS, INK, SOFT, Chart, colour, drawing, legend, log_axis, svg_of
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.run.search_result import ArchiveEntry, ChainState
from scalenet_tf.utils.formatting import count, percent

_STEP, _EPOCH = Axis("step", "{:,.0f}".format), Axis("epoch", "{:g}".format)
_ROUND, _STAGE = Axis("round", "{:g}".format), Axis("member", "S{:g}".format)


def supernet_curves(log: Sequence[TrainingRow], task: Task) -> list[Chart]:
    """Loss and score of the super-supernet's training batches, by scaling stage."""
    stages = sorted({stage for row in log for stage in row.stage_loss})
    drawn = {stage: [row for row in log if stage in row.stage_loss] for stage in stages}

    def lines(key: str) -> list[Line]:
        return [
            Line(
                f"S{stage}",
                [row.step for row in rows],
                [getattr(row, key)[stage] for row in rows],
                colour(stage),
            )
            for stage, rows in drawn.items()
        ]

    return [
        line_chart("training loss", lines("stage_loss"), _STEP, Axis()),
        line_chart(f"training {task.short_score}", lines("stage_accuracy"), _STEP, SCORE),
    ]


def member_curves(histories: Mapping[int, Sequence[EpochRow]], task: Task) -> list[Chart]:
    """Loss and validation score of each member's training, by epoch."""

    def lines(key: str) -> list[Line]:
        return [
            Line(f"S{stage}", [row.epoch for row in rows], [getattr(row, key) for row in rows], colour(stage))
            for stage, rows in histories.items()
        ]

    return [
        line_chart("training loss of members", lines("loss"), _EPOCH, Axis()),
        line_chart(f"validation {task.short_score} of members", lines("val_accuracy"), _EPOCH, SCORE),
    ]


def chain(trajectory: Sequence[ChainState]) -> list[Chart]:
    """Score of each scaling stage and fitness of the chain's state, by round.

    The fitness has a chart of its own if it is no mean of scores, but of values of the user's objective.
    """
    rounds = [state.round for state in trajectory]
    stages = [
        Line(f"S{stage}", rounds, [state.scores[stage] for state in trajectory], colour(stage))
        for stage in range(len(trajectory[0].scores))
    ]
    fitness = Line("fitness", rounds, [state.fitness for state in trajectory], INK, emphasis=True)
    if all(_is_a_mean(state) for state in trajectory):
        return [line_chart("state of the search", [*stages, fitness], _ROUND, SCORE)]
    return [
        line_chart("state of the search", stages, _ROUND, SCORE),
        line_chart("fitness by the objective", [fitness], _ROUND, Axis()),
    ]


def _is_a_mean(state: ChainState) -> bool:
    scores = [score for score in state.scores if score is not None]
    return min(scores) - 1e-9 <= state.fitness <= max(scores) + 1e-9


def growth(found: Sequence[GrowthRatios], compound: Sequence[GrowthRatios]) -> list[Chart]:
    """Ratios to the base, for the found scaling and EfficientNet's compound rule."""
    charts = []
    for key, title in (
        ("depth", "depth (blocks)"),
        ("width", "width (channels)"),
        ("resolution", "resolution (pixels)"),
        ("macs", "multiply-adds"),
    ):
        lines = [
            Line(name, [row.stage for row in rows], [getattr(row, key) for row in rows], own, dashed=dashed)
            for name, rows, own, dashed in (
                ("found", found, COLOURS[0], False),
                ("compound rule", compound, SOFT, True),
            )
        ]
        axis = Axis(text="{:.3g} x".format, log=key == "macs")
        charts.append(line_chart(title, lines, _STAGE, axis))
    return charts


def archive(entries: Sequence[ArchiveEntry], task: Task) -> Chart:
    """Score and multiply-adds of the subnets that no cheaper one beats, by scaling stage."""
    from matplotlib.ticker import PercentFormatter

    points = sorted(entries, key=lambda point: point.macs)
    title = f"{task.score} with shared weights against multiply-adds"
    with drawing() as (figure, axes):
        axes.plot(
            [point.macs for point in points],
            [point.score for point in points],
            color=SOFT,
            linewidth=1,
            drawstyle="steps-post",
        )
        for stage in sorted({point.stage for point in points}):
            own = [point for point in points if point.stage == stage]
            macs, scores = [point.macs for point in own], [point.score for point in own]
            axes.plot(macs, scores, "o", color=colour(stage), label=f"S{stage}", markersize=6)
        log_axis(axes, count, points[-1].macs / points[0].macs)
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.set_xlabel("multiply-adds for one image")
        legend(figure, axes)
        svg = svg_of(figure, title)
    first, last = points[0], points[-1]
    words = f"{len(points)} subnets, from {percent(first.score)} at {count(first.macs)} multiply-adds"
    return Chart(
        title,
        svg,
        f"{title[0].upper()}{title[1:]}. {words} to {percent(last.score)} at {count(last.macs)}.",
    )


def sampled_macs(macs: Mapping[int, Sequence[int]], targets: Sequence[int]) -> Chart:
    """Histogram of the multiply-adds of drawn subnets, by scaling stage, with the budgets."""
    title = "multiply-adds of drawn subnets"
    known = {stage: values for stage, values in macs.items() if values}
    everything = np.concatenate([np.asarray(values, float) for values in known.values()])
    edges = np.geomspace(everything.min(), everything.max() * 1.001, 60)
    with drawing() as (figure, axes):
        for stage, values in known.items():
            counts, _ = np.histogram(values, edges)
            axes.stairs(counts, edges, fill=True, alpha=0.6, color=colour(stage), label=f"S{stage}")
            axes.axvline(targets[stage], color=colour(stage), linestyle="--", linewidth=1.5)
        log_axis(axes, count, everything.max() / everything.min())
        axes.set_xlabel("multiply-adds for one image")
        axes.set_ylabel("draws")
        legend(figure, axes)
        svg = svg_of(figure, title)
    parts = [
        f"S{stage}: half of {len(values):,} draws between {count(np.quantile(values, 0.25))} and "
        f"{count(np.quantile(values, 0.75))}, budget {count(targets[stage])}"
        for stage, values in known.items()
    ]
    return Chart(title, svg, f"Multiply-adds of drawn subnets. {'; '.join(parts)}.")
