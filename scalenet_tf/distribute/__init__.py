"""Distribution over devices and machines: clusters, strategies, TPUs, replicas, workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.distribute.cluster import Cluster as Cluster
    from scalenet_tf.distribute.cluster import read_cluster as read_cluster
    from scalenet_tf.distribute.strategy import make_strategy as make_strategy

_HOMES = {
    "Cluster": "cluster",
    "make_strategy": "strategy",
    "read_cluster": "cluster",
}
__all__ = ["Cluster", "make_strategy", "read_cluster"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
