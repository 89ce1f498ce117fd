"""The product's chain, on one scaling stage: the evolution of the base, with restarts."""

from __future__ import annotations

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from studies.nas_bench_macro.problem import Evaluations, Problem

PARAMETERS = tuple(
    {"population": population, "generations": generations}
    for population in (2, 4, 8, 16)
    for generations in (4, 8, 16)
)
# Those of a run, which are not tuned on the table.
DEFAULTS = ({"population": SearchConfig().population, "generations": SearchConfig().generations},)
_ROUNDS = 100


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Runs the chain until the evaluations are used up, or it ends."""
    found = Evaluations(problem, most)
    config = SearchConfig(
        rounds=_ROUNDS, population=parameters["population"], generations=parameters["generations"]
    )
    chain = Mcea(SearchProblem(problem.table.space, config, seed))
    while not found.spent and (asked := chain.ask()) is not None:
        chain.tell(asked.number, found.score(problem.numbers[asked.base]))
    return found.order
