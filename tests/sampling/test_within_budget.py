"""Draws for training that keep to the budgets of the search."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from scalenet_tf.costs.bases import encode
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import TrainingDraws
from scalenet_tf.sampling.feasible import base_scaling, meets_budget
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.sampling.within_budget import (
    POOL_STEPS,
    draw_within_budget,
    stages_and_resolutions_within_budget,
)
from scalenet_tf.space import Range, SearchSpace
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils.random_streams import RandomStream

WEIGHTS = ["widths", "equal", "cost", "resolutions"]


def draws(space: SearchSpace, stage_weights="widths", seed: int = 0) -> TrainingDraws:
    return TrainingDraws(space, seed, "budget", stage_weights)


@pytest.mark.parametrize("name", ["paper", "medium", "colour32", "small"])
def test_every_draw_meets_the_budgets(name: str) -> None:
    space = load_space(name)
    for step in range(0, 600, 3):
        draw = draws(space).at(step)
        scalings = {draw.scaling_stage: draw.scaling} if draw.scaling_stage else {}
        assert meets_budget(space, encode(space, [draw.base]), scalings).all()
        assert draw.scaling in space.menus[draw.scaling_stage].scalings()
        assert draw.scaling_stage or draw.scaling == base_scaling(space)
        assert draw.subnet == scale(space, draw.base, draw.scaling)


def test_ranges_are_met_too() -> None:
    small = load_space("small")
    tight = Range(quantity="parameters", stage=1, most=50_000)
    space = small.model_copy(update={"budget": small.budget.model_copy(update={"ranges": (tight,)})})
    found = [draw for draw in map(draws(space).at, range(200)) if draw.scaling_stage == 1]
    assert found
    for draw in found:
        assert meets_budget(space, encode(space, [draw.base]), {1: draw.scaling}).all()
    assert not all(
        meets_budget(space, encode(space, [draw.base]), {1: draw.scaling}).all()
        for draw in map(draws(small).at, range(200))
        if draw.scaling_stage == 1
    )


@pytest.mark.parametrize("weights", [*WEIGHTS, (1, 0, 2, 3)])
def test_resolutions_are_those_of_the_draws_over_more_than_one_pool(weights) -> None:
    ours = draws(load_space("small"), weights)
    steps = POOL_STEPS + 300
    resolutions = ours.resolutions(steps)
    assert resolutions.shape == (steps,)
    for step in [*range(0, 200), *range(POOL_STEPS - 50, steps)]:
        assert resolutions[step] == ours.at(step).subnet.resolution
    shorter = ours.resolutions(POOL_STEPS - 7)
    np.testing.assert_array_equal(shorter, resolutions[: len(shorter)])


def test_a_sandwich_has_its_ends_around_the_draws() -> None:
    ours = draws(load_space("small"))
    alone, three = ours.resolutions(50), ours.resolutions(50, "stage")
    assert three.shape == (50, 3)
    np.testing.assert_array_equal(three[:, 1], alone)


def test_pools_differ_from_each_other_and_seeds_do() -> None:
    space = load_space("medium")
    keys = {
        (seed, first): {draws(space, seed=seed).at(first + step).base for step in range(40)}
        for seed in (0, 1)
        for first in (0, POOL_STEPS)
    }
    own = keys.pop((0, 0))
    assert all(len(own & other) < len(own) / 2 for other in keys.values())


def test_another_process_draws_the_same() -> None:
    code = (
        "from scalenet_tf.presets import load_space\n"
        "from scalenet_tf.sampling import TrainingDraws\n"
        "ours = TrainingDraws(load_space('small'), 5, 'budget', 'resolutions')\n"
        f"print([ours.at(step).subnet.key for step in ({POOL_STEPS + 9}, 3, 4)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = draws(load_space("small"), "resolutions", 5)
    keys = [ours.at(step).subnet.key for step in (3, 4, POOL_STEPS + 9)]
    assert done.stdout.strip() == str([keys[2], *keys[:2]])


def frequencies(space: SearchSpace, weights, steps: int = 3000) -> tuple[Counter[int], Counter[int]]:
    found = [draws(space, weights).at(step) for step in range(steps)]
    return Counter(d.scaling_stage for d in found), Counter(d.subnet.resolution for d in found)


def test_stages_follow_their_weights() -> None:
    space = load_space("small")
    for weights, expected in (
        ("equal", [1, 1, 1, 1]),
        ("widths", [1, 4, 4, 4]),
        ("cost", [8, 4, 2, 1]),
        ((0, 1, 0, 3), [0, 1, 0, 3]),
    ):
        stages, _ = frequencies(space, weights)
        shares = np.array(expected) / sum(expected)
        assert [stages[s] / 3000 for s in range(4)] == pytest.approx(shares, abs=0.03), weights


@pytest.mark.parametrize("name", ["small", "medium"])
def test_by_resolutions_all_that_the_budgets_leave_are_equally_frequent(name: str) -> None:
    _, resolutions = frequencies(load_space(name), "resolutions")
    shares = [count / 3000 for count in resolutions.values()]
    assert shares == pytest.approx([1 / len(shares)] * len(shares), abs=0.03)


def test_what_does_not_fit_is_named() -> None:
    space = load_space("small")
    with pytest.raises(ScaleNetError, match=r"`stage_weights` must hold one weight >= 0"):
        draws(space, (1, 2)).at(0)
    dear = space.model_copy(update={"budget": space.budget.model_copy(update={"macs": 10**12})})
    with pytest.raises(ScaleNetError, match=r"`budget\.macs` is too high"):
        draws(dear).at(0)


def test_a_pool_without_a_base_that_fits_all_stages_is_drawn_again() -> None:
    # So few bases fit that some pools have none, by chance.
    paper = load_space("paper")
    budget = paper.budget.model_copy(update={"stage_tolerance": 0.002})
    space = paper.model_copy(update={"budget": budget})
    refused = []
    for number in range(6):
        try:
            draw_pool(space, np.random.default_rng([0, RandomStream.TRAINING_POOL, number]))
        except ScaleNetError:
            refused.append(number)
    assert 0 < len(refused) < 6
    steps = 6 * POOL_STEPS
    stages, resolutions = stages_and_resolutions_within_budget(space, 0, steps, "equal")
    for step in (number * POOL_STEPS for number in range(6)):
        drawn = draw_within_budget(space, 0, step, "equal")
        assert (stages[step], resolutions[step]) == (drawn.scaling_stage, drawn.scaling.resolution)
