"""What a search asks depends on nothing but its problem and its scores."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.mcea import Mcea
from tests.helpers.smooth_landscape import PAPER, PROBLEM, accuracy, outcome, run, whole


@pytest.mark.parametrize(
    "kill_at", [0, 100, *(pytest.param(at, marks=pytest.mark.slow) for at in (5, 131, 150, 180))]
)
def test_a_search_that_is_killed_and_resumed_through_json_ends_the_same(kill_at: int) -> None:
    uninterrupted, asked = whole()
    search = Mcea(PROBLEM)
    for _ in range(kill_at):
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, accuracy(evaluation.subnet))
    search.ask()  # asked and never told
    resumed = Mcea.from_json(PROBLEM, json.loads(json.dumps(search.to_json())))
    assert resumed.progress == search.progress
    assert [evaluation.number for evaluation in run(resumed)] == list(range(kill_at, len(asked)))
    assert outcome(resumed) == outcome(uninterrupted)


def test_the_order_of_tells_does_not_matter() -> None:
    (in_order, asked), shuffled = whole(), Mcea(PROBLEM)
    rng, numbers, resumes = np.random.default_rng(0), [], 0
    while not shuffled.finished:
        batch = list(iter(shuffled.ask, None))
        assert batch and shuffled.ask() is None and not shuffled.finished  # a barrier
        numbers += [evaluation.number for evaluation in batch]
        for index in rng.permutation(len(batch)):
            shuffled.tell(batch[index].number, accuracy(batch[index].subnet))
            if rng.random() < 0.02 and not shuffled.finished:  # resume with holes in the batch
                state = json.loads(json.dumps(shuffled.to_json()))
                shuffled = Mcea.from_json(PROBLEM, state)
                resumes += 1
    assert numbers[: len(asked)] == [evaluation.number for evaluation in asked]
    assert resumes > 3 and outcome(shuffled) == outcome(in_order)


def global_state() -> list[Any]:
    return [np.asarray(part).tolist() for part in np.random.get_state(legacy=True)]


def test_the_seed_decides_and_global_generators_do_not() -> None:
    np.random.seed(1)
    search = Mcea(PROBLEM)
    run(search)
    first = outcome(search)
    np.random.seed(2)
    before = global_state()
    again, other = Mcea(PROBLEM), Mcea(replace(PROBLEM, seed=1))
    run(again), run(other)
    assert outcome(again) == first != outcome(other)
    assert global_state() == before


def test_a_fresh_process_asks_the_same(tmp_path: Path) -> None:
    code = (
        "from tests.helpers.smooth_landscape import *;"
        "search = Mcea(PROBLEM);"
        "print(run(search)[-1].subnet.key, search.best.fitness.hex())"
    )
    search, asked = whole()
    last = asked[-1]
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


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"space": PAPER.for_data(3, 10)}, "space"),
        ({"config": SearchConfig()}, "configuration"),
        ({"seed": 1}, r"seed: it was started with 0\. Received: 1"),
    ],
)
def test_a_state_of_another_search_is_refused(change: dict[str, Any], named: str) -> None:
    problem = PROBLEM
    state = Mcea(problem).to_json()
    with pytest.raises(ScaleNetError, match=f"must come from a search with the same {named}"):
        Mcea.from_json(replace(problem, **change), state)
    with pytest.raises(ScaleNetError, match=r"`saved` must be a value of `to_json`, schema 2"):
        Mcea.from_json(problem, {"schema": 1, "digest": "0", "told": []})
