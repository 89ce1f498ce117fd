"""Regularised evolution (Real, Aggarwal, Huang, Le; AAAI 2019): the oldest member dies, not the worst."""

from __future__ import annotations

from collections import deque

import numpy as np

from studies.nas_bench_macro.problem import Evaluations, Problem

PARAMETERS = tuple(
    {"population": population, "sample": sample}
    for population in (10, 20, 50)
    for sample in (3, 10)
    if sample <= population
)
_IDLE = 2000  # children in a row that were all known before


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Evolves a queue of networks: each child is a one-edit neighbour of the best of a random sample."""
    rng, found = np.random.default_rng(seed), Evaluations(problem, most)
    first = rng.permutation(problem.size)[: parameters["population"]].tolist()
    queue = deque((number, found.score(number)) for number in first)
    idle = 0
    while not found.spent and idle < _IDLE:
        known = len(found.order)
        sample = rng.choice(len(queue), parameters["sample"], replace=False)
        parent = max((queue[place] for place in sample), key=lambda member: member[1])[0]
        child = int(rng.choice(problem.neighbours[parent]))
        queue.append((child, found.score(child)))
        queue.popleft()
        idle = 0 if len(found.order) > known else idle + 1
    return found.order[:most]
