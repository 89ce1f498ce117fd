"""The product's own search, told the table's scores."""

from __future__ import annotations

from joint.ledger import Ledger, Truth
from joint.states import Option
from scalenet_tf.config import SearchConfig
from scalenet_tf.search.mcea import Mcea

PARAMETERS = tuple(
    {"population": population, "generations": generations, "start_bases": start_bases, "restarts": restarts}
    for population in (8, 16, 32)
    for generations in (2, 4)
    for start_bases in (1, 4)
    for restarts in (0, 100)
)
_ROUNDS = 100


def search(truth: Truth, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Where the chain ends before the evaluations do, its result stands."""
    ledger = Ledger(truth, most)
    mcea = Mcea(truth.states.space, SearchConfig(rounds=_ROUNDS, **parameters), seed)
    while not ledger.spent and (asked := mcea.ask()) is not None:
        mcea.tell(asked.number, ledger.score(Option(asked.scaling, asked.subnet, asked.subnet.key)))
    return ledger.curve
