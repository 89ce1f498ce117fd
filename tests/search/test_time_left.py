"""The bound of a search's time: above what it takes, and never rising."""

from __future__ import annotations

import re
import timeit

import numpy as np
import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.presets import load_space
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.time_left import Left, TimeLeft
from tests.helpers.made_up import made_up_accuracy

SPACE = load_space("small")
MACS = [SPACE.budget.target(SPACE.budget.macs, stage) for stage in range(len(SPACE.menus))]
CONFIGS = {
    "halving": SearchConfig(rounds=3, population=12, generations=3),
    "all at once": SearchConfig(rounds=2, population=8, generations=2, halving=1),
    "random scalings": SearchConfig(rounds=2, population=8, generations=2, start_bases=0),
    "without S0": SearchConfig(rounds=2, population=8, generations=2, stage_weights=(0, 1, 1, 1)),
}


def followed(config: SearchConfig, slowness: float = 1.0) -> list[tuple[float, Left]]:
    """A search on a clock that its networks move on: seconds until its end, and the time left that is told.

    After the first half of the start, each network takes `slowness` times as long.
    """
    search, left, now = Mcea(SearchProblem(SPACE, config, 0)), TimeLeft(MACS), 0.0
    rng, told = np.random.default_rng(1), []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, made_up_accuracy(evaluation.subnet))
        slower = slowness if evaluation.number > 20 else 1.0
        now += slower * (0.05 + evaluation.macs / 2e6) * float(rng.uniform(0.8, 1.2))
        if (found := left.update(search.progress, now)) is not None:
            told.append((now, found))
    return [(now - then, found) for then, found in told]


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_bound_never_rises_and_is_one(config: SearchConfig) -> None:
    told = followed(config)
    bounds = [found.seconds for _, found in told]
    assert len(told) > 5 and bounds == sorted(bounds, reverse=True)
    assert all(found.seconds >= actual for actual, found in told)
    assert bounds[-1] == 0
    assert sum(found.holds for _, found in told) > 0.8 * len(told)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_no_search_asks_for_more_than_it_may(config: SearchConfig) -> None:
    search = Mcea(SearchProblem(SPACE, config, 3))
    rng, counted = np.random.default_rng(0), []
    while not search.finished:
        progress = search.progress
        counted.append([a + b for a, b in zip(progress.scored, progress.left, strict=True)])
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, float(rng.random()))
    final = np.array(search.progress.scored)
    assert (np.array(counted[1:]) >= final).all() and (search.progress.left == np.zeros(len(final))).all()


def test_a_search_that_becomes_slower_says_so_and_its_bound_stays() -> None:
    told = followed(CONFIGS["halving"], slowness=20.0)
    bounds = [found.seconds for _, found in told]
    assert bounds == sorted(bounds, reverse=True)
    slow = [found for _, found in told if not found.holds]
    assert slow and re.fullmatch(r"at most .+ left at the earlier speed", str(slow[0]))


def test_the_training_of_finalists_has_a_bound_of_its_own() -> None:
    left = TimeLeft(MACS)
    assert left.of_share(0.25, 100.0) is None
    assert left.of_share(0.5, 110.0) == Left(20.0)
    assert left.of_share(0.55, 160.0) == Left(20.0, holds=False)
    assert left.of_share(1.0, 170.0) == Left(0.0)


def test_progress_takes_as_long_in_a_large_batch_as_in_a_small_one() -> None:
    """It is told after each result, so a batch of thousands must not be walked for it."""

    def first_batch(start_bases: int) -> Mcea:
        config = SearchConfig(rounds=1, start_bases=start_bases)
        return Mcea(SearchProblem(load_space("paper"), config, 0))

    def seconds(search: Mcea) -> float:
        return min(timeit.repeat(lambda: search.progress, number=5, repeat=40))

    small, large = first_batch(1), first_batch(512)
    assert large.progress.total > 30 * small.progress.total
    assert seconds(large) < 2 * seconds(small)
