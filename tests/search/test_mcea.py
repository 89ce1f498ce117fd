from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost, costs
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling.feasible import base_scaling, draw_feasible_bases
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.operators import fitness
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import Menu, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")
CONFIG = SearchConfig(rounds=3, start_bases=3, population=8, generations=4)


def accuracy(subnet: Subnet) -> float:
    """A smooth landscape: each stage likes one kernel, and width, depth and side like a balance."""
    liked = [3, 5, 3, 7, 5, 7, 3]
    matches = [
        1 - abs(op.kernel - kernel) / 4
        for stage, kernel in zip(subnet.stages, liked, strict=True)
        for op in stage.ops
    ]
    width, side = math.log(subnet.stem_width / 32), math.log(subnet.resolution / 224)
    blocks = np.array([len(stage.ops) for stage in subnet.stages[1:6]])
    balance = (width - side) ** 2 + 0.02 * np.abs(np.diff(blocks / blocks.mean())).mean()
    return 0.5 + 0.3 * sum(matches) / len(matches) - float(balance)


def global_state() -> list[Any]:
    return [np.asarray(part).tolist() for part in np.random.get_state(legacy=True)]


def run(search: Mcea, score: Callable[[Subnet], float | None] = accuracy) -> list[Evaluation]:
    asked = []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        asked.append(evaluation)
        search.tell(evaluation.number, score(evaluation.subnet))
    return asked


def outcome(search: Mcea) -> tuple[Any, ...]:
    return search.finished, search.best, search.trajectory, search.archive, search.to_json()


def test_every_ask_is_feasible_new_and_numbered() -> None:
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    asked = run(search)
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


def random_search(seed: int, evaluations: int) -> float:
    """The best fitness among random states: a feasible base, a random scaling of each stage that fits it."""
    rng = np.random.default_rng([seed, 99])
    bases = draw_feasible_bases(PAPER, rng, evaluations // 4)
    own = costs(PAPER, bases, base_scaling(PAPER))[:, 0]
    menus = [menu.scalings() for menu in PAPER.menus]
    ratios = [
        np.stack([costs(PAPER, bases, s)[:, 0] for s in menu]) / own / 2**n for n, menu in enumerate(menus)
    ]
    best = -math.inf
    for index, base in enumerate(decode(PAPER, bases)):
        fitting = [np.flatnonzero(np.abs(ratio[:, index] - 1) <= 0.05) for ratio in ratios]
        if all(len(choices) for choices in fitting):
            chosen = [menu[rng.choice(choices)] for menu, choices in zip(menus, fitting, strict=True)]
            best = max(best, sum(accuracy(scale(PAPER, base, scaling)) for scaling in chosen) / 4)
    return best


def test_it_beats_random_search_with_as_many_evaluations() -> None:
    config = CONFIG.model_copy(update={"population": 12, "generations": 8, "restarts": 0})
    gains = []
    for seed in range(4):
        search = Mcea(SearchProblem(PAPER, config, seed))
        evaluations = len(run(search))
        assert search.best is not None
        gains.append(search.best.fitness - random_search(seed, evaluations))
    # Fitness varies by 0.01 from seed to seed, for both of them.
    assert sum(gains) / len(gains) > 0.015 and min(gains) > 0


def test_the_best_state_is_what_it_says() -> None:
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=1))
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


def test_a_chain_that_came_back_begins_anew_and_keeps_its_best() -> None:
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
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    points = [(evaluation.macs, accuracy(evaluation.subnet)) for evaluation in run(search)]
    front = [(entry.evaluation.macs, entry.score) for entry in search.archive]
    assert front == sorted(front) and [s for _, s in front] == sorted(s for _, s in front)
    for macs, score in points:
        assert any(m <= macs and s >= score for m, s in front)


@pytest.mark.parametrize("kill_at", [0, 5, 100, 131, 150, 180])
def test_a_search_that_is_killed_and_resumed_through_json_ends_the_same(kill_at: int) -> None:
    whole = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    asked = run(whole)
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    for _ in range(kill_at):
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, accuracy(evaluation.subnet))
    search.ask()  # asked and never told
    resumed = Mcea.from_json(SearchProblem(PAPER, CONFIG, 0), json.loads(json.dumps(search.to_json())))
    assert resumed.progress == search.progress
    assert [evaluation.number for evaluation in run(resumed)] == list(range(kill_at, len(asked)))
    assert outcome(resumed) == outcome(whole)


def test_the_order_of_tells_does_not_matter() -> None:
    whole, shuffled = Mcea(SearchProblem(PAPER, CONFIG, seed=0)), Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    asked = run(whole)
    rng, numbers, resumes = np.random.default_rng(0), [], 0
    while not shuffled.finished:
        batch = list(iter(shuffled.ask, None))
        assert batch and shuffled.ask() is None and not shuffled.finished  # a barrier
        numbers += [evaluation.number for evaluation in batch]
        for index in rng.permutation(len(batch)):
            shuffled.tell(batch[index].number, accuracy(batch[index].subnet))
            if rng.random() < 0.02 and not shuffled.finished:  # resume with holes in the batch
                state = json.loads(json.dumps(shuffled.to_json()))
                shuffled = Mcea.from_json(SearchProblem(PAPER, CONFIG, 0), state)
                resumes += 1
    assert numbers[: len(asked)] == [evaluation.number for evaluation in asked]
    assert resumes > 3 and outcome(shuffled) == outcome(whole)


def test_the_seed_decides_and_global_generators_do_not() -> None:
    np.random.seed(1)
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    run(search)
    first = outcome(search)
    np.random.seed(2)
    before = global_state()
    again, other = Mcea(SearchProblem(PAPER, CONFIG, seed=0)), Mcea(SearchProblem(PAPER, CONFIG, seed=1))
    run(again), run(other)
    assert outcome(again) == first != outcome(other)
    assert global_state() == before


def test_a_fresh_process_asks_the_same(tmp_path: Path) -> None:
    code = (
        "from tests.search.test_mcea import *;"
        "search = Mcea(SearchProblem(PAPER, CONFIG, 0));"
        "print(run(search)[-1].subnet.key, search.best.fitness.hex())"
    )
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    last = run(search)[-1]
    assert search.best is not None
    for hash_seed in ("1", "2"):
        result = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
        )
        assert result.stdout.split() == [last.subnet.key, search.best.fitness.hex()]


def test_what_cannot_be_scored_ranks_last() -> None:
    """Kernels of 7 at the first block fail: the search ends without them, though they would score best."""

    def fails(subnet: Subnet) -> bool:
        return subnet.stages[0].ops[0].kernel == 7

    def score(subnet: Subnet) -> float | None:
        return None if fails(subnet) else accuracy(subnet)

    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
    asked = run(search, score)
    assert any(fails(evaluation.subnet) for evaluation in asked)
    for state in search.trajectory:
        assert state.base.stages[0][0].kernel != 7 and None not in state.scores
    assert not any(fails(entry.evaluation.subnet) for entry in search.archive)


def test_a_search_of_which_nothing_can_be_scored_says_so() -> None:
    with pytest.raises(
        ScaleNetError, match=r"at least one base whose subnets of stages .* none of round 1 could"
    ):
        run(Mcea(SearchProblem(PAPER, CONFIG, seed=0)), lambda subnet: None)


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_scores_are_finite(score: float) -> None:
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
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


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"space": PAPER.for_data(3, 10)}, "space"),
        ({"config": SearchConfig()}, "configuration"),
        ({"seed": 1}, r"seed: it was begun with 0\. Received: 1"),
    ],
)
def test_a_state_of_another_search_is_refused(change: dict[str, Any], named: str) -> None:
    problem = SearchProblem(PAPER, CONFIG, 0)
    state = Mcea(problem).to_json()
    with pytest.raises(ScaleNetError, match=f"must come from a search with the same {named}"):
        Mcea.from_json(replace(problem, **change), state)
    with pytest.raises(ScaleNetError, match=r"`saved` must be a value of `to_json`, schema 2"):
        Mcea.from_json(problem, {"schema": 1, "digest": "0", "told": []})


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
    search = Mcea(SearchProblem(PAPER, CONFIG, seed=0))
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
