"""The rates at which feasible bases are drawn and subnets counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from benchmarks.common.row import Row
from scalenet_tf.costs.macs import costs
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.sampling.feasible import draw_feasible_bases

MACS, TOLERANCE = 306_000_000, 0.05
COUNT = 20_000


def draw_row(name: str, repeats: int, seed: int) -> list[Row]:
    """Feasible bases drawn per second of CPU time, at 306 M multiply-adds ± 5 %."""
    space = load_space(name)
    budget = space.budget.model_copy(update={"macs": MACS, "base_tolerance": TOLERANCE})
    space = space.model_copy(update={"budget": budget})
    rng = np.random.default_rng(seed)
    rates = rates_of(lambda: draw_feasible_bases(space, rng, COUNT), COUNT, repeats)
    what = f"feasible bases drawn, {name}, 306 M MACs ± 5 %"
    note = f"CPU time, median of {repeats} draws of {COUNT:,}, tables made once"
    return [Row(what, 20_000, round(median(rates)), "1/s", note, {"rates": rates}, at_least=True)]


def count_row(name: str, repeats: int, seed: int) -> list[Row]:
    """Subnets counted per second of CPU time, with one scaling of the last menu after the other."""
    space = load_space(name)
    bases = draw_bases(space, np.random.default_rng(seed), COUNT)
    scalings = space.menus[-1].scalings()[:repeats]
    rates = []
    for scaling in scalings:
        rates += rates_of(partial(costs, space, bases, scaling), COUNT, 1)
    what = f"MACs and parameters counted, {name}"
    note = f"CPU time, median of {len(scalings)} scalings of {COUNT:,} bases"
    return [Row(what, 200_000, round(median(rates)), "1/s", note, {"rates": rates}, at_least=True)]


def rates_of(call: Callable[[], object], count: int, repeats: int) -> list[int]:
    """Rates per second of CPU time, after one call that is not counted.

    Args:
      call: The call.
      count: What one call does.
      repeats: Number of calls.
    """
    call()
    rates = []
    for _ in range(repeats):
        begun = time.process_time()
        call()
        rates.append(round(count / (time.process_time() - begun)))
    return rates
