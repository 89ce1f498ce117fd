"""Networks in random order, each once."""

from __future__ import annotations

import numpy as np

from studies.nas_bench_macro.problem import Problem

PARAMETERS: tuple[dict[str, int], ...] = ({},)


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Evaluates a random selection."""
    order: list[int] = np.random.default_rng(seed).permutation(problem.size)[:most].tolist()
    return order
