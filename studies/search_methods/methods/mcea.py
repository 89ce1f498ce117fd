"""The product's own search, told the table's scores."""

from __future__ import annotations

from typing import Any

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.mcea import Mcea
from studies.search_methods.ledger import Ledger, Truth
from studies.search_methods.states import Option

PARAMETERS = tuple(
    {"population": population, "generations": generations, "start_bases": start_bases}
    for population in (4, 8, 16)
    for generations in (2, 4)
    for start_bases in (0, 1)
)
# The share is in percent. A generation that races is cheap: it may be larger.
RACING_PARAMETERS = tuple(
    {"population": population, "generations": generations, "start_bases": start_bases, "race": race}
    for population in (8, 16, 32)
    for generations in (2, 4)
    for start_bases in (0, 1)
    for race in (25, 50)
)
_ROUNDS = 100


def search(truth: Truth, parameters: dict[str, int], seed: int, most: int, **switches: Any) -> list[float]:
    """Where the chain ends before the evaluations do, its result stands.

    Args:
      switches: Further keys of the search's configuration.
    """
    ledger = Ledger(truth, most)
    keys: dict[str, Any] = {**parameters, "race": parameters.get("race", 100) / 100, **switches}
    config = SearchConfig(rounds=_ROUNDS, **keys)
    mcea = Mcea(truth.states.space, config, seed)
    while not ledger.spent and (asked := mcea.ask()) is not None:
        mcea.tell(asked.number, ledger.score(Option(asked.scaling, asked.subnet, asked.subnet.key)))
    return ledger.curve
