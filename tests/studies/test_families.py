"""The study of families: what budgets pay for, statistics, items of made-up results, a tiny run."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import DataConfig, SearchConfig
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.sampling.feasible import find_feasible_bases, meets_budget
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space.scaling import scale
from studies.common.items import FolderItems, Items
from studies.families.best_family import BestFamily
from studies.families.comparisons import comparisons
from studies.families.curves import Curves, log_cost_ratio, paired_interval, ratio_interval
from studies.families.families import compound, found, random_family
from studies.families.items import Item, expected_items, known_items
from studies.families.plan import TUNED_WAYS, WAYS, budgets_of, grid_of, searches
from studies.families.plot import draw
from studies.families.report import markdown
from studies.families.study import Study, Tuned
from studies.families.tuning import tuned_of, tuning_values

STUDY = Study.of_size("wide", DataConfig()).model_copy(update={"seeds": 2})
TUNED = Tuned(learning_rate=0.1, training=0.8)


def curves(costs: list[float], accuracies: list[float], seeds: int = 3, stages: int = 4) -> Curves:
    shape = (seeds, len(costs), stages)
    return Curves(np.tile(costs, (seeds, 1)), np.broadcast_to(np.array(accuracies)[None, :, None], shape))


@pytest.mark.parametrize("file", ["narrow_space.yaml", "wide_space.yaml"])
def test_a_stage_alone_has_the_bases_and_budgets_that_it_has_in_the_family(file: str) -> None:
    study = STUDY.model_copy(update={"space_file": file})
    space = study.space
    bases = find_feasible_bases(space, np.random.default_rng(0), 50)
    for stage in range(1, 4):
        alone = study.stage_space(stage)
        for scaling in space.menus[stage].scalings():
            np.testing.assert_array_equal(
                meets_budget(alone, bases, {1: scaling}), meets_budget(space, bases, {stage: scaling})
            )
        drawn = {draw_subnet(alone, 0, step, (0.0, 1.0)).scaling_stage for step in range(50)}
        assert drawn == {1}
    assert study.stage_space(0).menus == space.menus[:1]


@pytest.mark.parametrize("stage", [None, 0, 2])
def test_a_search_names_the_best_that_it_scored(stage: int | None) -> None:
    space = STUDY.space if stage is None else STUDY.stage_space(stage)
    search = searches(STUDY, "joint" if stage is None else "independent", 1, TUNED, 0)[stage or 0]
    config = SearchConfig(population=4, generations=1, start_bases=0, stage_weights=search.stage_weights)
    mcea, family = Mcea(SearchProblem(space, config, 0)), BestFamily(space, stage)
    rng, scored = np.random.default_rng(0), {}
    while len(scored) < 150 and (asked := mcea.ask()) is not None:
        score = float(rng.random())
        scored[asked.subnet.key] = score
        mcea.tell(asked.number, score)
        family.add(asked, score)
    best = family.best()
    assert [member["stage"] for member in best] == ([0, 1, 2, 3] if stage is None else [stage])
    if stage is None:
        assert len({str(member["base"]) for member in best}) == 1
        assert mcea.best is not None
        assert np.mean([member["score"] for member in best]) >= mcea.best.fitness - 1e-12
    else:
        assert best[0]["score"] == max(scored.values())


def test_a_random_family_is_feasible_and_repeats_itself() -> None:
    space = STUDY.space
    family = random_family(space, 3, 1)
    own = cost(family[0]).macs
    assert own == pytest.approx(space.budget.macs, rel=space.budget.base_tolerance)
    for stage, subnet in enumerate(family):
        assert cost(subnet).macs == pytest.approx(own * 2**stage, rel=space.budget.stage_tolerance)
        assert subnet.resolution <= 20
    assert random_family(space, 3, 1) == family != random_family(space, 3, 2)


def test_a_side_that_pays_three_times_as_much_costs_three_times_as_much() -> None:
    joint = curves([1, 2, 4, 8], [0.6, 0.7, 0.75, 0.8])
    independent = curves([3, 6, 12, 24], [0.6, 0.7, 0.75, 0.8])
    ratio = ratio_interval(joint, independent)
    assert (ratio.value, ratio.low, ratio.high) == pytest.approx((3, 3, 3))
    # The same at other budgets of its own: only where both curves pass is compared.
    later = curves([6, 12, 24, 48], [0.7, 0.75, 0.8, 0.9])
    assert np.exp(log_cost_ratio(joint, later)) == pytest.approx(3)


def test_curves_that_never_meet_have_no_finite_ratio() -> None:
    good, bad, flat = (curves([1, 2], pair) for pair in ([0.8, 0.9], [0.5, 0.6], [0.7, 0.7]))
    assert log_cost_ratio(good, bad) == np.inf
    assert log_cost_ratio(bad, good) == -np.inf
    assert np.isnan(log_cost_ratio(flat, flat))
    assert ratio_interval(good, bad).low == np.inf and ratio_interval(bad, good).high == 0


def test_a_curve_that_falls_is_levelled() -> None:
    _, fitted = curves([1, 2, 4], [0.6, 0.8, 0.7]).mean
    assert fitted == pytest.approx([0.6, 0.75, 0.75])


def test_an_interval_covers_noise_and_not_a_difference() -> None:
    rng = np.random.default_rng(0)
    theirs = 0.8 + rng.normal(0, 0.01, (3, 4))
    noise, _ = paired_interval(rng.normal(0, 0.01, (3, 4)).mean(1))
    assert noise.low < 0 < noise.high
    assert paired_interval((theirs + 0.05 - theirs).mean(1))[0].low == pytest.approx(0.05)


def test_items_follow_from_what_was_found_until_a_whole_report(tmp_path: Path) -> None:
    small = {"budgets": (1, 8), "tuned_at": 1, "keras_budget": 1, "random": 1}
    study, rounds, items = STUDY.model_copy(update=small), 0, FolderItems(tmp_path)
    assert "is in" not in markdown(study, items) and tuned_of(study, items, "joint") is None
    while left := [item for item in known_items(study, items) if item.name not in items]:
        for item in left[:-1] or left:
            items.write(item.name, made_up(study, item))
        rounds += 1
        assert markdown(study, items).startswith(f"{done(study, items)} of ")
    # Tuning's searches, their members, the others' searches, their members.
    assert rounds >= 4 and done(study, items) <= expected_items(study)
    for way in TUNED_WAYS:
        if len(grid_of(study, way)) == 1:
            continue
        tuned, values = tuned_of(study, items, way), tuning_values(study, items, way)
        assert tuned is not None and values[tuned] == max(value or 0 for value in values.values())
    for way in WAYS:
        tuned = tuned_of(study, items, way)
        assert tuned and all(found(study, items, way, budget, tuned, 1) for budget in budgets_of(study, way))
    independent = tuned_of(study, items, "independent")
    assert independent is not None
    family = compound(study, items, independent, 0)
    assert family is not None
    macs = [cost(subnet).macs / cost(family[0]).macs for subnet in family]
    assert macs == pytest.approx([1, 2, 4, 8], rel=study.tolerance)
    text = markdown(study, items)
    assert f"{done(study, items)} of {done(study, items)} known items are in" in text
    for row in (
        "| joint | 8 | 2 |",
        "| independent | 1 | 2 |",
        "| joint, finalists confirmed | 8 | 2 |",
        "| Keras Tuner, Hyperband | 1 | 2 |",
        "| EfficientNet's rule | S0 of 8 | 2 |",
        "| random |  | 2 |",
        "| MobileNetV3Small, alpha 0.25 | S1 | 2 |",
        "| joint, 8 | random subnets, scored with the same super-supernet, 8 | 2 |",
    ):
        assert row in text
    assert "at equal accuracy, 2 seeds: " in text
    rivals = [(one.ours, one.theirs) for one in comparisons(study, items)]
    assert len(rivals) == len(set(rivals)) == 2 + 2 + 3 + 2 + 3 + 2 + 3 + 1
    draw(study, items, tmp_path / "plot.svg")
    assert 10_000 < (tmp_path / "plot.svg").stat().st_size < 150_000


def done(study: Study, items: Items) -> int:
    return sum(item.name in items for item in known_items(study, items))


def made_up(study: Study, item: Item) -> dict:
    """A result as `run_search` or `train_member` return it."""
    group, name = item.name.split("/")
    number = zlib.crc32(name.encode())
    if group == "members":
        return {"accuracy": number / 2**32}
    if group == "published":
        return {"accuracy": number / 2**32, "macs": 400_000}
    space, what = study.space, name.split("_")[0].split("-")[-1]
    base = decode(space, find_feasible_bases(space, np.random.default_rng(number), 1))[0]
    alone = what[0] == "s" and what[1:].isdigit()
    menus = [space.menus[int(what[1:])]] if alone else space.menus
    values = [{"base": base, "subnet": scale(space, base, menu.scalings()[0])} for menu in menus]
    members = [{name: value.model_dump(mode="json") for name, value in one.items()} for one in values]
    names = ("training_macs", "scoring_macs", "scores", "training_cpu_seconds", "scoring_cpu_seconds")
    return {"members": members, "cost": dict.fromkeys(names, 1 + number % 7)}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tiny_study_ends_with_a_report_and_makes_no_item_twice(tmp_path: Path) -> None:
    def call(*arguments: str) -> str:
        command = [sys.executable, "-m", "studies.families", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=1500, check=True).stdout

    assert "all done" in call("run", "--quick", "--output", str(tmp_path))
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.json")}
    text = call("report", str(tmp_path))
    assert "| joint | 1 | 1 |" in text and "| EfficientNet's rule |" in text and "| random |" in text
    assert "all done" in call("run", "--quick", "--output", str(tmp_path))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.json")} == kept
    call("pack", str(tmp_path), str(tmp_path / "packed.jsonl"))
    assert call("report", str(tmp_path / "packed.jsonl")) == text
