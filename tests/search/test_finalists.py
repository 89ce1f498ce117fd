"""Which states of a search are finalists."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from scalenet_tf.costs.bases import encode
from scalenet_tf.costs.macs import cost
from scalenet_tf.sampling.feasible import meets_budget
from scalenet_tf.search.finalists import choose_finalists
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.space import Subnet
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.space.scaling import scale
from tests.helpers.confirmations import PROBLEM, networks
from tests.helpers.tiny_search import (
    SPACE,
    finished,
    score,
)


@pytest.mark.parametrize("seed", range(6))
def test_finalists_are_distinct_feasible_and_in_the_order_of_fitness(seed: int) -> None:
    problem = replace(PROBLEM, seed=seed)
    core = finished(Mcea(problem))
    found = choose_finalists(problem, core, 99)
    fitness = [finalist.state.fitness for finalist in found]
    assert fitness == sorted(fitness, reverse=True) and not any(map(math.isnan, fitness))
    keys = [tuple(scale(SPACE, f.state.base, scaling).key for scaling in f.state.scalings) for f in found]
    assert len(set(keys)) == len(keys) > 1
    # Every state of the chain is there once, under its first round, with the fitness that it has there.
    rounds = {finalist.round: finalist.state for finalist in found if finalist.round}
    distinct = {(state.base, state.scalings) for state in core.trajectory}
    assert {(state.base, state.scalings) for state in rounds.values()} == distinct
    assert all(core.trajectory[number - 1] == state for number, state in rounds.items())
    for finalist in found:
        state = finalist.state
        scalings = dict(enumerate(state.scalings))
        assert meets_budget(SPACE, encode(SPACE, [state.base]), scalings).all()
        for scaling, accuracy, macs in zip(state.scalings, state.scores, state.macs, strict=True):
            subnet = scale(SPACE, state.base, scaling)
            assert (accuracy, macs) == (score(subnet), cost(subnet).macs)
        assert state.fitness == pytest.approx(sum(map(score, networks(state))) / 2)
    archived = {entry.evaluation.base for entry in core.archive}
    assert all(f.state.base in archived for f in found if f.round is None)
    assert choose_finalists(problem, core, 2) == found[:2]


def test_finalists_of_the_archive_keep_to_the_criteria() -> None:
    def few_blocks(subnet: Subnet, scaling_stage: int) -> bool:
        return subnet.num_blocks <= 6 + scaling_stage

    problem = replace(PROBLEM, criteria=Criteria((few_blocks,)))
    found = choose_finalists(problem, finished(Mcea(problem)), 99)
    assert any(finalist.round is None for finalist in found)
    for finalist in found:
        for stage, subnet in enumerate(networks(finalist.state)):
            assert few_blocks(subnet, stage)
