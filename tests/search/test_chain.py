from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.bases import decode
from scalenet_tf.presets import load_space
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.sampling.feasible import draw_feasible_bases
from scalenet_tf.sampling.pool import SIZE
from scalenet_tf.search.candidates import CandidateBatch
from scalenet_tf.search.chain import run_chain
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import State

SPACE = load_space("paper")


def noise(phenotype: bytes) -> float:
    """A landscape without any slope: the scores of different stages are unrelated."""
    return int.from_bytes(hashlib.md5(phenotype).digest()[:4]) / 2**32


def run(
    config: SearchConfig, seed: int, start: WarmStart | None = None
) -> tuple[list[CandidateBatch], list[State]]:
    """All batches of a chain on noise, and its states."""
    chain, scores = run_chain(SearchProblem(SPACE, config, seed, start=start)), None
    batches: list[CandidateBatch] = []
    states: list[State] = []
    while True:
        try:
            event = chain.send(scores) if scores is not None else next(chain)
        except StopIteration:
            return batches, states
        if isinstance(event, State):
            states.append(event)
            scores = None
        else:
            batches.append(event)
            scores = [noise(candidate.phenotype) for candidate in event.candidates]


def test_the_fitness_of_a_chain_never_falls() -> None:
    """On noise, the current base is last at the small stages now and then. It reaches the last rung."""
    config = SearchConfig(rounds=6, start_bases=0, population=8, generations=1, restarts=0)
    for seed in range(3):
        fitness = [state.fitness for state in run(config, seed)[1]]
        assert len(fitness) > 1 and fitness == sorted(fitness)


def test_many_start_bases_leave_few_scalings_and_the_key_says_so() -> None:
    def scalings(start_bases: int) -> set[object]:
        batches, _ = run(SearchConfig(rounds=1, start_bases=start_bases, population=2, generations=1), seed=0)
        return {(candidate.scaling_stage, candidate.scaling) for candidate in batches[0].candidates}

    few, many = scalings(4), scalings(SIZE)
    assert many < few and {stage for stage, _ in many} == {1, 2, 3}
    description = str(SearchConfig.model_fields["start_bases"].description)
    assert f"fits fewer of the {SIZE} bases that are drawn is left out" in description


def test_only_the_first_generation_has_an_elite() -> None:
    config = SearchConfig(rounds=2, start_bases=0, population=8, generations=3, restarts=0)
    batches = [batch for batch in run(config, seed=0)[0] if batch.phase == "base" and batch.rung == 4]
    finalists = [(batch.round, batch.generation, len(batch.candidates)) for batch in batches]
    assert [count for number, generation, count in finalists if (number, generation) != (2, 1)] == [1] * 5
    assert (2, 1, 1) in finalists or (2, 1, 2) in finalists


def test_no_base_is_in_two_generations_of_a_round() -> None:
    config = SearchConfig(rounds=2, start_bases=0, population=8, generations=12, restarts=0)
    entered = defaultdict(list)
    for batch in run(config, seed=0)[0]:
        if batch.phase == "base" and batch.rung == 1:
            entered[batch.round] += [candidate.base for candidate in batch.candidates]
    for bases in entered.values():
        assert len(bases) == len(set(bases)) == 8 * 12


def test_a_warm_starts_base_that_does_not_fit_protects_no_other_one() -> None:
    """Successive halving of 8 bases scores one at S3, and one more only if there is an elite."""
    config = SearchConfig(rounds=1, start_bases=0, population=8, generations=1, restarts=0)
    for seed in range(4):
        base = decode(SPACE, draw_feasible_bases(SPACE, np.random.default_rng(seed), 1))[0]
        start = WarmStart(bases=(base,), scalings=SPACE.menus[0].scalings()[:1])
        batches, _ = run(config, seed, start)
        assert base not in [candidate.base for candidate in batches[0].candidates]
        scored = [c for batch in batches if batch.phase == "base" for c in batch.candidates]
        assert len([c for c in scored if c.scaling_stage == 3]) == 1
