"""A smooth made-up landscape over the paper's space, on which a search climbs."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from scalenet_tf.config import SearchConfig
from scalenet_tf.presets import load_space
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import Subnet

PAPER = load_space("paper")
CONFIG = SearchConfig(rounds=3, start_bases=3, population=8, generations=4)
PROBLEM = SearchProblem(PAPER, CONFIG, seed=0)


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


def run(search: Mcea, score: Callable[[Subnet], float | None] = accuracy) -> list[Evaluation]:
    asked = []
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        asked.append(evaluation)
        search.tell(evaluation.number, score(evaluation.subnet))
    return asked


@functools.cache
def whole() -> tuple[Mcea, list[Evaluation]]:
    """The search of PROBLEM, which has ended, and what it asked; read them only."""
    search = Mcea(PROBLEM)
    return search, run(search)


def outcome(search: Mcea) -> tuple[Any, ...]:
    return search.finished, search.best, search.trajectory, search.archive, search.to_json()
