"""The whole story: what budgets buy, its statistics, its order on made-up results, a tiny run of it."""

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
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from studies.families.budget import PASSES, scoring_macs, steps
from studies.families.curves import Curves, difference_interval, log_cost_ratio, ratio_interval
from studies.families.families import compound, found, random_family
from studies.families.ledger import Ledger
from studies.families.plan import SIDES, searches
from studies.families.plot import draw
from studies.families.results import markdown
from studies.families.study import Study, Tuned
from studies.families.tuning import tuned_of, tuning_values
from studies.families.work import Item, expected_items, known_items

STUDY = Study.of_size("narrow", DataConfig()).model_copy(update={"seeds": 2})
TUNED = Tuned(learning_rate=0.1, training=0.8)


def curves(costs: list[float], accuracies: list[float], seeds: int = 3, stages: int = 4) -> Curves:
    shape = (seeds, len(costs), stages)
    return Curves(np.tile(costs, (seeds, 1)), np.broadcast_to(np.array(accuracies)[None, :, None], shape))


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_a_stage_alone_has_the_bases_and_budgets_that_it_has_in_the_family(size: str) -> None:
    study = Study.of_size(size, DataConfig())
    space = study.space
    bases = find_feasible_bases(space, np.random.default_rng(0), 50)
    for stage in range(1, 4):
        alone = study.stage_space(stage)
        for scaling in space.menus[stage].scalings():
            np.testing.assert_array_equal(
                meets_budget(alone, bases, {1: scaling}), meets_budget(space, bases, {stage: scaling})
            )
        drawn = {draw_subnet(alone, 0, step, (0.0, 1.0)).stage for step in range(50)}
        assert drawn == {1}
    assert study.stage_space(0).menus == space.menus[:1]


def test_no_side_pays_more_than_its_budget() -> None:
    for side in SIDES:
        paid = 0.0
        for search in searches(STUDY, side, 4, TUNED, 0):
            space = STUDY.space if search.stage is None else STUDY.stage_space(search.stage)
            weights = search.stage_weights or "widths"
            count = steps(STUDY, search)
            drawn = [cost(draw_subnet(space, 0, step, weights).subnet).macs for step in range(count)]
            paid += PASSES * STUDY.batch_size * sum(drawn) + scoring_macs(STUDY, search)
        assert paid == pytest.approx(4 * STUDY.macs, rel=0.05), side


@pytest.mark.parametrize("stage", [None, 0, 2])
def test_a_search_names_the_best_that_it_scored(stage: int | None) -> None:
    space = STUDY.space if stage is None else STUDY.stage_space(stage)
    search = searches(STUDY, "joint" if stage is None else "independent", 1, TUNED, 0)[stage or 0]
    config = SearchConfig(population=4, generations=1, start_bases=1, stage_weights=search.stage_weights)
    mcea, ledger = Mcea(space, config, 0), Ledger(space, stage)
    rng, scored = np.random.default_rng(0), {}
    while len(scored) < 150 and (asked := mcea.ask()) is not None:
        score = float(rng.random())
        scored[asked.subnet.key] = score
        mcea.tell(asked.number, score)
        ledger.add(asked, score)
    best = ledger.best()
    assert [member["stage"] for member in best] == ([0, 1, 2, 3] if stage is None else [stage])
    if stage is None:
        assert len({str(member["base"]) for member in best}) == 1
        assert mcea.best is not None
        assert np.mean([member["score"] for member in best]) >= mcea.best.fitness
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
    noise = difference_interval(theirs + rng.normal(0, 0.01, (3, 4)), theirs)
    assert noise.low < 0 < noise.high
    assert difference_interval(theirs + 0.05, theirs).low == pytest.approx(0.05)


def test_items_follow_from_what_was_found_until_a_whole_report(tmp_path: Path) -> None:
    small = {"budgets": (1, 8), "tuned_at": 1, "learning_rates": (0.1,), "random": 1}
    study, rounds = STUDY.model_copy(update=small), 0
    assert "is in" not in markdown(study, tmp_path) and tuned_of(study, tmp_path, "joint") is None
    while left := [item for item in known_items(study, tmp_path) if not item.file.is_file()]:
        for item in left[:-1] or left:
            files.write_json(item.file, made_up(study, item))
        rounds += 1
        assert markdown(study, tmp_path).startswith(f"{done(study, tmp_path)} of ")
    # Tuning's searches, their members, the others' searches, their members.
    assert rounds >= 4 and done(study, tmp_path) <= expected_items(study)
    for side in SIDES:
        tuned, values = tuned_of(study, tmp_path, side), tuning_values(study, tmp_path, side)
        assert tuned is not None and values[tuned] == max(value or 0 for value in values.values())
        assert all(found(study, tmp_path, side, budget, tuned, 1) for budget in study.budgets)
    family = compound(study, tmp_path, tuned, 0)
    assert family is not None
    macs = [cost(subnet).macs / cost(family[0]).macs for subnet in family]
    assert macs == pytest.approx([1, 2, 4, 8], rel=study.tolerance)
    text = markdown(study, tmp_path)
    assert f"{done(study, tmp_path)} of {done(study, tmp_path)} known items are in" in text
    for row in ("| joint | 8 | 2 |", "| independent | 1 | 2 |", "| compound rule | S0 of 8 | 2 |"):
        assert row in text
    assert "| random |  | 2 |" in text and "Seeds in which both sides are done: 2" in text
    draw(study, tmp_path, tmp_path / "plot.svg")
    assert 10_000 < (tmp_path / "plot.svg").stat().st_size < 150_000


def done(study: Study, folder: Path) -> int:
    return sum(item.file.is_file() for item in known_items(study, folder))


def made_up(study: Study, item: Item) -> dict:
    """A result as `searching.run_search` or `members.train_member` give it."""
    number = zlib.crc32(item.file.stem.encode())
    if item.file.parent.name == "members":
        return {"accuracy": number / 2**32}
    space, what = study.space, item.file.stem.split("_")[0]
    base = decode(space, find_feasible_bases(space, np.random.default_rng(number), 1))[0]
    menus = space.menus if what == "joint" else [space.menus[int(what[1:])]]
    values = [{"base": base, "subnet": scale(space, base, menu.scalings()[0])} for menu in menus]
    members = [{name: value.model_dump(mode="json") for name, value in one.items()} for one in values]
    names = ("training_macs", "scoring_macs", "scores", "training_cpu_seconds", "scoring_cpu_seconds")
    return {"members": members, "cost": dict.fromkeys(names, 1 + number % 7)}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tiny_story_ends_with_a_report_and_is_not_told_twice(tmp_path: Path) -> None:
    def call(*arguments: str) -> str:
        command = [sys.executable, "-m", "studies.families", *arguments, "--output", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=1500, check=True).stdout

    assert "all done" in call("run", "--quick")
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.json")}
    text = call("report")
    assert "| joint | 1 | 1 |" in text and "| compound rule |" in text and "| random |" in text
    assert "all done" in call("run", "--quick")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.json")} == kept
