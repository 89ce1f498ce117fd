"""Random states: a base, and a scaling for each stage; all of its networks are scored."""

from __future__ import annotations

import numpy as np

from studies.search_methods.ledger import Ledger, Truth

PARAMETERS: tuple[dict[str, int], ...] = ({},)


def search(truth: Truth, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    rng = np.random.default_rng(seed)
    ledger, states = Ledger(truth, most), truth.states
    idle = 0
    while not ledger.spent and idle < 10_000:
        before = len(ledger.curve)
        for menu in states.options[rng.choice(states.whole)]:
            ledger.score(menu[rng.integers(len(menu))])
        idle = idle + 1 if len(ledger.curve) == before else 0
    return ledger.curve[:most]
