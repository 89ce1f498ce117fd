from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.bases import EncodedBases, decode
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling.feasible import draw_feasible_bases
from scalenet_tf.search.candidates import Candidate, CandidateBatch
from scalenet_tf.search.halving import Generation, successive_halving
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Scaling

SPACE = load_space("paper")
BASES = draw_feasible_bases(SPACE, np.random.default_rng(0), 8)
NUMBERS = {base: number for number, base in enumerate(decode(SPACE, BASES))}
SCALINGS = (
    Scaling.of(1, 1, 224),
    Scaling.of(1, 1.1, 240),
    Scaling.of(1.2, 1.2, 260),
    Scaling.of(1.4, 1.4, 280),
)
EQUAL = (1.0, 1.0, 1.0, 1.0)


def run(
    score: Callable[[int, int], float | None],
    share: float,
    weights: tuple[float, ...] = EQUAL,
    elites: int = 0,
) -> tuple[list[CandidateBatch], EncodedBases, np.ndarray]:
    """Scores the eight bases: returns the batches, the survivors and their fitness."""

    def score_of(candidate: Candidate) -> float | None:
        return score(NUMBERS[candidate.base], candidate.scaling_stage)

    generation = Generation(SPACE, BASES, SCALINGS, weights, 2, 3, elites)
    going, batches = successive_halving(generation, share), []
    try:
        batch = next(going)
        while True:
            batches.append(batch)
            batch = going.send([score_of(candidate) for candidate in batch.candidates])
    except StopIteration as end:
        return batches, *end.value


def entrants(batches: list[CandidateBatch]) -> list[tuple[set[int], list[int]]]:
    """By rung, the stages that are scored, and the bases in the order of their candidates."""
    return [
        (
            {c.scaling_stage for c in batch.candidates},
            list(dict.fromkeys(NUMBERS[c.base] for c in batch.candidates)),
        )
        for batch in batches
    ]


def survivors(bases: EncodedBases) -> list[int]:
    return [NUMBERS[base] for base in decode(SPACE, bases)]


def test_the_better_half_goes_on_from_stage_to_stage() -> None:
    # Base 0 leads at the smallest stage and falls behind at the next one.
    batches, bases, values = run(lambda n, stage: 9.0 if (n, stage) == (0, 0) else float(n + stage), 0.5)
    assert entrants(batches) == [
        ({0}, [0, 1, 2, 3, 4, 5, 6, 7]),
        ({1}, [0, 5, 6, 7]),
        ({2}, [6, 7]),
        ({3}, [7]),
    ]
    assert [(b.phase, b.round, b.generation, b.rung, b.rungs) for b in batches] == [
        ("base", 2, 3, rung, 4) for rung in (1, 2, 3, 4)
    ]
    assert survivors(bases) == [7] and values.tolist() == [7 + 1.5]


def test_a_share_of_one_is_one_rung_of_all_stages() -> None:
    batches, bases, values = run(lambda n, stage: float(n), 1)
    assert entrants(batches) == [({0, 1, 2, 3}, list(range(8)))] and batches[0].rungs == 1
    assert [c.scaling_stage for c in batches[0].candidates[:5]] == [0, 1, 2, 3, 0]
    assert survivors(bases) == list(range(8)) and values.tolist() == list(range(8))


def test_weights_count_as_far_as_the_rungs_have_come() -> None:
    # Of 4 to 7, which survive the first rung, equal weights would prefer 6 and 7 after the second one.
    batches, bases, values = run(
        lambda n, stage: float(-n) if stage == 2 else 2.0 * n, 0.5, weights=(1, 0, 9, 1)
    )
    assert entrants(batches) == [({0}, list(range(8))), ({2}, [4, 5, 6, 7]), ({3}, [4, 5])]
    assert survivors(bases) == [4, 5] and values.tolist() == pytest.approx([-20 / 11, -25 / 11])


def test_an_elite_reaches_the_last_rung() -> None:
    batches, bases, _ = run(lambda n, stage: float(n), 0.25, elites=1)
    assert [bases for _, bases in entrants(batches)] == [list(range(8)), [0, 6, 7], [0, 7], [0, 7]]
    assert survivors(bases) == [0, 7]


def test_what_cannot_be_scored_falls_behind() -> None:
    _, bases, values = run(lambda n, stage: None if n == 7 else float(n), 0.25)
    assert survivors(bases) == [6] and values.tolist() == [6]


def test_where_the_leaders_fail_at_the_end_twice_as_many_go_on() -> None:
    """Of a quarter, then half, then all of those that have not failed; nothing is scored twice."""
    batches, bases, values = run(lambda n, stage: None if n > 3 and stage == 3 else float(n), 0.25)
    assert entrants(batches) == [
        ({0}, list(range(8))),
        ({1}, [6, 7]),
        ({2}, [7]),
        ({3}, [7]),
        ({1}, [3, 4, 5]),
        ({2}, [5, 6]),
        ({3}, [6]),
        ({1}, [0, 1, 2]),
        ({2}, [0, 1, 2, 3, 4]),
        ({3}, [0, 1, 2, 3, 4, 5]),
    ]
    assert survivors(bases) == [0, 1, 2, 3, 4, 5] and values[:4].tolist() == [0, 1, 2, 3]
    assert [batch.rung for batch in batches] == [1, 2, 3, 4, *[4] * 6]
    assert {batch.rungs for batch in batches} == {4}


def test_a_pass_after_the_first_ranks_each_rung_by_what_it_knew() -> None:
    """Base 1 is second at S0 and last at S1: in the second pass it still enters S1's rung, and wins it."""
    scores = {0: {0: 9.0, 1: 9.0, 2: 9.0, 3: None}, 1: {0: 8.0, 1: -5.0}}
    batches, bases, _ = run(lambda n, stage: scores.get(n, {}).get(stage, 0.0), 0.25)
    assert [bases for _, bases in entrants(batches)[:4]] == [list(range(8)), [0, 1], [0], [0]]
    asked = [(NUMBERS[c.base], c.scaling_stage) for batch in batches for c in batch.candidates]
    assert (1, 2) in asked and survivors(bases) == [1]


def test_many_that_fail_take_few_batches() -> None:
    batches, _, _ = run(lambda n, stage: None if stage == 3 else float(n), 0.25)
    assert len(batches) <= 3 * 4


def test_an_elite_is_no_survivor() -> None:
    """If it alone is left of a pass that lost others, the next best have their turn."""
    batches, bases, _ = run(lambda n, stage: None if n == 7 and stage == 3 else float(n), 0.25, elites=1)
    assert survivors(bases) == [0, 5, 6]
    _, bases, values = run(lambda n, stage: None if n and stage == 3 else float(n), 0.25, elites=1)
    assert survivors(bases)[0] == 0 and values[0] == 0 and np.isnan(values[1:]).all()
    # If it is the best, nobody else is needed.
    batches, bases, _ = run(lambda n, stage: -float(n), 0.125, elites=1)
    assert survivors(bases) == [0] and len(batches) == 4


def test_shares_are_rounded_up() -> None:
    batches, _, _ = run(lambda n, stage: float(n), 0.4)
    assert [len(bases) for _, bases in entrants(batches)] == [8, 4, 2, 1]


def test_a_generation_of_which_all_fail_is_told_as_such() -> None:
    batches, bases, values = run(lambda n, stage: None if stage == 1 else 1.0, 0.5)
    assert survivors(bases) == list(range(8)) and np.isnan(values).all()
    asked = [(NUMBERS[c.base], c.scaling_stage) for batch in batches for c in batch.candidates]
    assert sorted(asked) == sorted((n, stage) for n in range(8) for stage in (0, 1))


def test_nobody_takes_the_place_of_an_elite_that_failed() -> None:
    batches, bases, _ = run(lambda n, stage: None if n == 0 else float(n), 0.25, elites=1)
    assert [bases for _, bases in entrants(batches)] == [list(range(8)), [6, 7], [7], [7]]
    assert survivors(bases) == [7]


def test_an_empty_generation_asks_nothing() -> None:
    with pytest.raises(StopIteration) as end:
        next(successive_halving(Generation(SPACE, BASES[:0], SCALINGS, EQUAL, 1, 1), 0.5))
    assert len(end.value.value[1]) == 0


def test_a_search_with_halving_scores_few_large_networks() -> None:
    config = SearchConfig(rounds=1, start_bases=0, population=16, generations=3)
    counts = []
    for share in (0.5, 1):
        search, asked = Mcea(SearchProblem(SPACE, config.model_copy(update={"halving": share}), seed=0)), []
        while (evaluation := search.ask()) is not None:
            if search.progress.phase == "base":
                asked.append(evaluation.scaling_stage)
            search.tell(evaluation.number, evaluation.macs / 1e10)
        counts.append([asked.count(stage) for stage in range(4)])
    assert counts[1] == [48, 48, 48, 48]
    assert counts[0][0] >= 46 and counts[0][3] <= 6 and counts[0] == sorted(counts[0], reverse=True)


@pytest.mark.parametrize("share", [0, -0.5, 1.5, float("nan")])
def test_shares_are_above_zero_and_at_most_one(share: float) -> None:
    with pytest.raises((ScaleNetError, ValueError), match="halving"):
        SearchConfig(halving=share)
