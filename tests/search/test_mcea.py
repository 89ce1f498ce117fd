from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.sampling.feasible import base_scaling
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.operators import fitness
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import Menu, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale
from tests.helpers.smooth_landscape import CONFIG, PAPER, PROBLEM, accuracy, run, whole


def test_every_ask_is_feasible_new_and_numbered() -> None:
    search, asked = whole()
    assert [evaluation.number for evaluation in asked] == list(range(len(asked)))
    assert len({evaluation.subnet.key for evaluation in asked}) == len(asked)
    for evaluation in asked:
        assert evaluation.scaling in PAPER.menus[evaluation.scaling_stage].scalings()
        assert evaluation.subnet == scale(PAPER, evaluation.base, evaluation.scaling)
        assert evaluation.macs == cost(evaluation.subnet).macs
        own = cost(scale(PAPER, evaluation.base, base_scaling(PAPER))).macs
        assert abs(own / 306e6 - 1) <= 0.08
        assert abs(evaluation.macs / own / 2**evaluation.scaling_stage - 1) <= (
            0.05 if evaluation.scaling_stage else 0
        )
    with pytest.raises(ScaleNetError, match=r"`number` must be one of .*Received: 0"):
        search.tell(0, 0.5)


def test_the_best_state_is_what_it_says() -> None:
    search = Mcea(replace(PROBLEM, seed=1))
    scores = {evaluation.subnet.key: accuracy(evaluation.subnet) for evaluation in run(search)}
    best = search.best
    assert best is not None and best in search.trajectory
    subnets = [scale(PAPER, best.base, scaling) for scaling in best.scalings]
    assert best.scores == tuple(scores[subnet.key] for subnet in subnets)
    assert best.macs == tuple(cost(subnet).macs for subnet in subnets)
    assert best.fitness == pytest.approx(sum(scores[subnet.key] for subnet in subnets) / 4)
    fitnesses = [state.fitness for state in search.trajectory]
    assert fitnesses == sorted(fitnesses) and best.fitness == max(fitnesses)
    # Each scaling is the best of its stage's feasible ones for this base.
    for stage in (1, 2, 3):
        for scaling in PAPER.menus[stage].scalings():
            subnet = scale(PAPER, best.base, scaling)
            if abs(cost(subnet).macs / best.macs[0] / 2**stage - 1) <= 0.05:
                assert accuracy(subnet) <= accuracy(subnets[stage])


def test_it_stops_when_the_state_repeats() -> None:
    search = Mcea(SearchProblem(PAPER, CONFIG.model_copy(update={"rounds": 50, "restarts": 0}), seed=0))
    run(search)
    states = [(state.base, state.scalings) for state in search.trajectory]
    assert len(states) < 50 and states[-1] in states[:-1] and len(set(states)) == len(states) - 1
    assert search.converged


def test_a_chain_that_revisits_a_state_begins_anew_and_keeps_its_best() -> None:
    config = CONFIG.model_copy(update={"rounds": 50, "restarts": 0})
    once, thrice = (
        Mcea(SearchProblem(PAPER, config.model_copy(update={"restarts": n}), seed=0)) for n in (0, 2)
    )
    short, long = run(once), run(thrice)
    assert long[: len(short)] == short and len(long) > len(short)
    assert thrice.trajectory[: len(once.trajectory)] == once.trajectory
    assert once.best is not None and thrice.best is not None
    assert thrice.best.fitness >= once.best.fitness
    # What came back did so three times, and only then is there no more to do.
    states = [(state.base, state.scalings) for state in thrice.trajectory]
    assert sum(state in states[:n] for n, state in enumerate(states)) == 3 and thrice.converged


def test_the_archive_holds_what_nothing_beats() -> None:
    search, asked = whole()
    points = [(evaluation.macs, accuracy(evaluation.subnet)) for evaluation in asked]
    front = [(entry.evaluation.macs, entry.score) for entry in search.archive]
    assert front == sorted(front) and [s for _, s in front] == sorted(s for _, s in front)
    for macs, score in points:
        assert any(m <= macs and s >= score for m, s in front)


def test_what_cannot_be_scored_ranks_last() -> None:
    """Kernels of 7 at the first block fail: the search ends without them, though they would score best."""

    def fails(subnet: Subnet) -> bool:
        return subnet.stages[0].ops[0].kernel == 7

    def score(subnet: Subnet) -> float | None:
        return None if fails(subnet) else accuracy(subnet)

    search = Mcea(PROBLEM)
    asked = run(search, score)
    assert any(fails(evaluation.subnet) for evaluation in asked)
    for state in search.trajectory:
        assert state.base.stages[0][0].kernel != 7 and None not in state.scores
    assert not any(fails(entry.evaluation.subnet) for entry in search.archive)


def test_a_search_of_which_nothing_can_be_scored_says_so() -> None:
    with pytest.raises(
        ScaleNetError, match=r"at least one base whose subnets of stages .* none of round 1 could"
    ):
        run(Mcea(PROBLEM), lambda subnet: None)


def failing(first: int, last: float) -> tuple[Mcea, list[Evaluation]]:
    """A search whose evaluations of these numbers fail, as when another process has the device's memory."""
    config = CONFIG.model_copy(update={"rounds": 8})
    search, told = Mcea(replace(PROBLEM, config=config)), iter(range(10**6))
    return search, run(search, lambda s: None if first <= next(told) <= last else accuracy(s))


def test_a_search_that_has_a_state_goes_on_when_nothing_can_be_scored_any_more() -> None:
    config = CONFIG.model_copy(update={"rounds": 1})
    once = Mcea(replace(PROBLEM, config=config))
    first_round = len(run(once))
    search, _ = failing(first_round, math.inf)
    assert search.finished and not search.converged and search.progress.round == 8
    assert search.best == once.best
    # The elite is known, so that it is found once more; a round without it has no state.
    assert [state.round for state in search.trajectory] == [1, 2]


def test_after_a_fault_the_chain_goes_on_with_the_rounds_that_are_left() -> None:
    first = len(failing(10**6, math.inf)[1]) // 4
    search, _ = failing(first, first + 120)
    rounds = [state.round for state in search.trajectory]
    assert rounds == sorted(set(rounds)) and rounds[-1] == 8 and len(rounds) < 8
    fitness_before = max(state.fitness for state in search.trajectory if state.round < 3)
    assert search.best is not None and search.best.fitness >= fitness_before


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_scores_are_finite(score: float) -> None:
    search = Mcea(PROBLEM)
    with pytest.raises(ScaleNetError, match="`score` must be finite, or None"):
        search.tell(0, score)


def test_stages_of_weight_zero_play_no_part_in_the_fitness() -> None:
    config = CONFIG.model_copy(update={"stage_weights": (0, 1, 2, 0)})
    search = Mcea(SearchProblem(PAPER, config, seed=0))
    asked = run(search)
    best = search.best
    assert best is not None and best.scores[0] is None
    assert not any(evaluation.scaling_stage == 0 for evaluation in asked)
    assert best.fitness == fitness(best.scores, (0, 1, 2, 0))
    assert best.scores[3] is not None  # Its scaling is chosen all the same.


@pytest.mark.parametrize("weights", [(1.0,), (0, 0, 0, 0), (1, 1, 1, -1)])
def test_wrong_stage_weights(weights: tuple[float, ...]) -> None:
    with pytest.raises(
        ScaleNetError, match=r"`search.stage_weights` must hold one weight >= 0.*4 scaling stages"
    ):
        Mcea(SearchProblem(PAPER, CONFIG.model_copy(update={"stage_weights": weights}), seed=0))


def test_a_space_without_a_way_is_refused_at_once() -> None:
    menu = Menu.model_validate({"depth": [1], "width": [1], "resolution": [224]})
    with pytest.raises(ScaleNetError, match=r"`menus\[1\]` .* must reach 2 times"):
        Mcea(SearchProblem(PAPER.model_copy(update={"menus": (PAPER.menus[0], menu)}), CONFIG, seed=0))


def small_space(**changes: Any) -> SearchSpace:
    return SearchSpace.model_validate(
        {
            "name": "few",
            "classes": 10,
            "stem_width": 8,
            "stages": [{"depth": [1, 2], "stride": 2, "width": 16, "ops": ["k3e3", "k5e3"]}],
            "head_width": 32,
            "menus": [{"depth": [1], "width": [1], "resolution": [32]}],
            "budget": {"macs": 200_000, "base_tolerance": 0.9},
            **changes,
        }
    )


def test_a_space_of_few_bases_is_searched_to_the_end_without_a_hang() -> None:
    space = small_space()
    search = Mcea(SearchProblem(space, CONFIG, seed=0))
    asked = run(search, lambda subnet: float(cost(subnet).macs))
    assert search.finished and len(asked) == 6  # 2 + 4 bases, one stage
    assert search.best is not None and search.best.macs[0] == max(e.macs for e in asked)
    assert search.best.scalings == (Scaling.of(1, 1, 32),)


def test_progress_counts() -> None:
    search = Mcea(PROBLEM)
    first = search.progress
    assert (first.phase, first.round, first.done, first.completed) == ("start", 0, 0, 0)
    phases, highest = [], 0.0
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        progress = search.progress
        phases.append((progress.round, progress.phase, progress.generation))
        assert 0 <= progress.done < progress.total and progress.completed == evaluation.number
        score = accuracy(evaluation.subnet)
        search.tell(evaluation.number, score)
        highest = max(highest, score) if evaluation.scaling_stage == 3 else highest
    assert list(dict.fromkeys(phases))[:6] == [
        (0, "start", 0),
        *((1, "base", generation) for generation in (1, 2, 3, 4)),
        (1, "scalings", 0),
    ]
    last = search.progress
    assert last.phase == "finished" and last.completed == len(phases)
    assert last.best[3] == highest


def test_without_start_bases_it_begins_at_random_scalings_that_fit() -> None:
    config = CONFIG.model_copy(update={"start_bases": 0, "rounds": 1, "halving": 1})
    first, other = (Mcea(SearchProblem(PAPER, config, seed)) for seed in (0, 1))
    begun = [search.progress for search in (first, other)]
    assert {(progress.phase, progress.round) for progress in begun} == {("base", 1)}
    asked = [{e.scaling_stage: e.scaling for e in iter(search.ask, None)} for search in (first, other)]
    assert asked[0].keys() == {0, 1, 2, 3} and asked[0] != asked[1]
