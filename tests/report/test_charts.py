"""Charts of the report: what they say in words, and where they write."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.report.cost_charts import LATENCY, accuracy_charts, draw_accuracy
from scalenet_tf.report.line_charts import SCORE, Axis, Line, line_chart
from scalenet_tf.report.run_charts import chain
from scalenet_tf.report.sections import sections
from scalenet_tf.report.svg import drawing
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.sampling import TrainingDraws
from scalenet_tf.utils.formatting import count
from tests.report.test_recommendation import family


def test_costs_that_are_not_known_have_no_chart() -> None:
    rows = family(0.88, 0.9)
    assert [chart.title for chart in accuracy_charts(rows, None)] == [
        *("accuracy against latency", "accuracy against size", "accuracy against multiply-adds")
    ]
    plain = [replace(row, latency_ms=None, size=None) for row in rows]
    assert [chart.title for chart in accuracy_charts(plain, None)] == ["accuracy against multiply-adds"]
    assert accuracy_charts(family(None, None), None) == []


def test_a_fitness_that_is_no_mean_of_scores_has_a_chart_of_its_own(finished_run: Run) -> None:
    result = read_search_result(finished_run)
    assert result is not None
    assert [chart.title for chart in chain(result.trajectory)] == ["state of the search"]
    by_objective = [state.model_copy(update={"fitness": -12.0}) for state in result.trajectory]
    titles = ["state of the search", "fitness by the objective"]
    assert [chart.title for chart in chain(by_objective)] == titles


def test_names_of_members_that_lie_close_cover_neither_each_other_nor_a_point() -> None:
    close = [0.9, 0.9001, 0.9, 0.9002, 0.86]
    rows = [replace(row, latency_ms=2 + row.stage / 50) for row in family(*close)]
    with drawing() as (figure, axes):
        draw_accuracy(axes, rows, LATENCY)
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in axes.texts]
        points = axes.transData.transform([(row.latency_ms, row.test_accuracy) for row in rows])
    assert len(boxes) == 5
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:number])
        assert not any(box.contains(*point) for point in points)
        assert box.y0 > axes.bbox.y0


def test_bars_are_one_standard_error() -> None:
    with drawing() as (_, axes):
        draw_accuracy(axes, family(0.9, 0.5), LATENCY)
        bars = axes.containers[0].lines[2][0].get_segments()
    half = [(high - low) / 2 for (_, low), (_, high) in bars]
    assert [round(value, 4) for value in half] == [0.0095, 0.0158]


def test_a_long_line_is_shortened_and_a_missing_value_left_out() -> None:
    long = Line("S0", range(10_000), [value / 10_000 for value in range(10_000)])
    chart = line_chart("accuracy", [long, Line("S1", [0, 1, 2], [None, 0.5, 0.75])], Axis("step"), SCORE)
    assert chart.summary == (
        "Accuracy. S0: 0.00 % at step 0, 99.99 % at step 1e+04; S1: 50.00 % at step 1, 75.00 % at step 2."
    )
    assert len(chart.svg) < 20_000


def test_texts_stay_texts_and_colours_are_those_of_the_page() -> None:
    [first, *_] = accuracy_charts(family(0.88, 0.9), None)
    assert "S0</text>" in first.svg and "test accuracy</text>" in first.svg
    assert "var(--ink)" in first.svg and not re.search("#[0-9a-f]{6}[^0-9a-f]", first.svg.replace('"#', ""))
    assert accuracy_charts(family(0.88, 0.9), None)[0] == first


def test_the_search_is_told_by_its_result(finished_run: Run) -> None:
    result = json.loads((finished_run.search / "result.json").read_text())
    chain, archive = sections(finished_run, [])[1].charts
    fitness = [state["fitness"] for state in result["trajectory"]]
    assert (
        f"fitness: {100 * fitness[0]:.2f} % at round 1, {100 * fitness[-1]:.2f} % at round" in chain.summary
    )
    assert f"{len(result['archive'])} subnets" in archive.summary


def test_sampling_is_that_of_the_run(finished_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # As many draws as a page has.
    [chart] = sections(finished_run, [])[-1].charts
    config, space = finished_run.config.supernet, finished_run.space()
    draws = TrainingDraws(space, 0, config.draw, config.stage_weights)
    drawn = [draws.at(step) for step in range(3000)]
    own = sorted(cost(draw.subnet).macs for draw in drawn if draw.scaling_stage == 0)
    assert f"S0: half of {len(own):,} draws between {count(own[len(own) // 4])} and" in chart.summary
    assert f"budget {count(space.budget.target(space.budget.macs, 0))}" in chart.summary
