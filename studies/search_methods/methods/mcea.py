"""The product's Markov chain, with the scores of the table."""

from __future__ import annotations

from typing import Any

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from studies.search_methods.score_table import CountingScorer, ScoreTable
from studies.search_methods.states import Option

PARAMETERS = tuple(
    {"population": population, "generations": generations, "start_bases": start_bases}
    for population in (4, 8, 16)
    for generations in (2, 4)
    for start_bases in (0, 1)
)
# `halving` is in percent. Generations with successive halving are cheap, so they may be larger.
HALVING_PARAMETERS = tuple(
    {"population": population, "generations": generations, "start_bases": start_bases, "halving": halving}
    for population in (8, 16, 32)
    for generations in (2, 4)
    for start_bases in (0, 1)
    for halving in (25, 50)
)
# Those of a run, which are not tuned on the table.
DEFAULTS = (
    {
        "population": SearchConfig().population,
        "generations": SearchConfig().generations,
        "start_bases": SearchConfig().start_bases,
        "halving": round(100 * SearchConfig().halving),
    },
)
_ROUNDS = 100


def search(
    table: ScoreTable, parameters: dict[str, int], seed: int, most: int, **switches: Any
) -> list[float]:
    """Runs the chain until the evaluations are used up, or it ends.

    `switches` are further keys of `search` in the run's configuration.
    """
    scorer = CountingScorer(table, most)
    keys: dict[str, Any] = {**parameters, "halving": parameters.get("halving", 100) / 100, **switches}
    config = SearchConfig(rounds=_ROUNDS, **keys)
    mcea = Mcea(SearchProblem(table.states.space, config, seed))
    while not scorer.spent and (asked := mcea.ask()) is not None:
        mcea.tell(asked.number, scorer.score(Option(asked.scaling, asked.subnet, asked.subnet.key)))
    return scorer.curve
