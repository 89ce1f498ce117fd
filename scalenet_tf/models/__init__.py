"""Networks in Keras: the super-supernet, the plain model of one subnet, and weights between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.models.inherited_weights import copy_weights as copy_weights
    from scalenet_tf.models.plain import build_model as build_model
    from scalenet_tf.models.subnet_evaluator import SubnetEvaluator as SubnetEvaluator
    from scalenet_tf.models.subnet_evaluator import SubnetStatistics as SubnetStatistics
    from scalenet_tf.models.supernet import SuperSupernet as SuperSupernet

_HOMES = {
    "SubnetStatistics": "subnet_evaluator",
    "SubnetEvaluator": "subnet_evaluator",
    "SuperSupernet": "supernet",
    "build_model": "plain",
    "copy_weights": "inherited_weights",
}
__all__ = ["SubnetEvaluator", "SubnetStatistics", "SuperSupernet", "build_model", "copy_weights"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
