"""Scores and latencies that nothing was measured for, for searches that run in milliseconds."""

import hashlib

from scalenet_tf.costs.blocks import shapes_of_space
from scalenet_tf.costs.device import this_device
from scalenet_tf.costs.macs import cost
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.latency_table import Calibration, LatencyTable


def made_up_accuracy(subnet: Subnet) -> float:
    """Grows with cost and resolution, with less and less gain: enough for a search to climb."""
    return 1 - 0.6 * (cost(subnet).macs * subnet.resolution**0.5 / 3e5) ** -0.3


def made_up_table(space: SearchSpace) -> LatencyTable:
    """Every block of a space with a time of its own, which has nothing to do with its multiply-adds."""
    return LatencyTable(
        device=this_device(1),
        activation=space.activation,
        squeeze_reduction=space.squeeze_reduction,
        blocks={
            shape: 0.01 + hashlib.sha256(shape.encode()).digest()[0] / 1000
            for shape in shapes_of_space(space)
        },
        calibration=Calibration(offset_ms=0.25, factor=1.5, networks=2),
    )
