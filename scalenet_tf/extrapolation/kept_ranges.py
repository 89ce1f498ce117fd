"""The budget's ranges that an extrapolated member should keep to."""

from __future__ import annotations

import numpy as np

from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.space import Subnet
from scalenet_tf.space.budget import Budget, Quantity, Range


def broken_ranges(budget: Budget, subnet: Subnet, first: Subnet, scaling_stage: int) -> list[Range]:
    """Returns the ranges of a budget that a network does not keep to.

    Args:
      budget: The budget. Its ranges of milliseconds are left out: the latency table lacks the shapes of
        networks beyond the searched ones.
      subnet: Network of an extrapolated scaling stage.
      first: Network of S0, the base itself.
      scaling_stage: Scaling stage of the network.
    """
    bounds = [b for b in budget.ranges if b.binds(scaling_stage) and b.quantity != "latency_ms"]
    return [bound for bound in bounds if not _keeps(bound, subnet, first)]


def measured(subnet: Subnet, quantity: Quantity) -> int:
    """Returns one quantity of a network: multiply-adds, parameters, or bytes of peak memory.

    Args:
      subnet: The network.
      quantity: Any but "latency_ms".
    """
    if quantity == "peak_memory":
        return peak_memory(subnet)
    counted = cost(subnet)
    return counted.macs if quantity == "macs" else counted.parameters


def _keeps(bound: Range, subnet: Subnet, first: Subnet) -> bool:
    value = measured(subnet, bound.quantity) / (measured(first, bound.quantity) if bound.relative else 1)
    return bool(bound.holds(np.array([value])).all())
