"""Costs of subnets: multiply-adds, parameters, memory and latency, of one subnet or of many bases at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.costs.latency import predict_ms as predict_ms
    from scalenet_tf.costs.macs import Cost as Cost
    from scalenet_tf.costs.macs import cost as cost
    from scalenet_tf.costs.memory import peak_memory as peak_memory

_HOMES = {
    "Cost": "macs",
    "cost": "macs",
    "peak_memory": "memory",
    "predict_ms": "latency",
}
__all__ = ["Cost", "cost", "peak_memory", "predict_ms"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
