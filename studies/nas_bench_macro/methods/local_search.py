"""Local search (White, Nolen, Savani; UAI 2021): the best neighbour until none is better, then a restart."""

from __future__ import annotations

import numpy as np

from studies.nas_bench_macro.problem import Evaluations, Problem

PARAMETERS = tuple({"first_better": first_better} for first_better in (0, 1))


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Climbs from random networks; with `first_better` it moves to the first neighbour that is better."""
    rng, found = np.random.default_rng(seed), Evaluations(problem, most)
    starts = iter(rng.permutation(problem.size).tolist())
    for here in starts:
        if found.spent:
            break
        score = found.score(here)
        while not found.spent:
            best, best_score = here, score
            for number in rng.permutation(problem.neighbours[here]).tolist():
                if found.spent:
                    break
                if (new := found.score(number)) > best_score:
                    best, best_score = number, new
                    if parameters["first_better"]:
                        break
            if best == here:
                break
            here, score = best, best_score
    return found.order
