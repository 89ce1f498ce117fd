"""Recalibration of a subnet's batch norm, and its accuracy (paper, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.folding import folded
from scalenet_tf.layers.norm import Moments
from scalenet_tf.layers.row_slices import values
from scalenet_tf.models import supernet as supernets
from scalenet_tf.models.score import score_over
from scalenet_tf.models.subnet_code import SubnetCode, encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.space import Subnet
from scalenet_tf.space.blocks import blocks


@dataclass(frozen=True)
class SubnetStatistics:
    """Batch-norm statistics of one subnet, for evaluation and for `copy_weights`.

    Attributes:
      subnet: The subnet.
      values: Means and variances, nested like the weights of the super-supernet.
      images: Number of images that they were computed from.
    """

    subnet: Subnet
    values: supernets.Statistics
    images: int

    def by_layer(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """(mean, variance) by the names of the batch-norm layers in the plain Keras model."""
        layers = {name: _first(self.values[name]) for name in ("stem_bn", "head_bn")}
        for block in blocks(self.subnet):
            part, row = supernets.place(block)
            widths = {f"{placed.layer.name}_bn": placed.width for placed in block.layers}
            for norm, own in self.values[part].items():
                length = widths[norm]
                layers[f"{block.name}_{norm}"] = (
                    np.asarray(own["mean"][row, :length]),
                    np.asarray(own["variance"][row, :length]),
                )
        return layers


class SubnetEvaluator:
    """Recalibrates and scores subnets of one super-supernet, with two traced graphs for all of them.

    Args:
      supernet: The super-supernet.
      traced: Whether to trace; for a few batches of one subnet it is faster not to.

    Example:
      >>> evaluator = SubnetEvaluator(net)
      >>> statistics = evaluator.recalibrate(subnet, batches_of_images)
      >>> evaluator.accuracy(statistics, batches_of_images_and_labels)
    """

    def __init__(self, supernet: SuperSupernet, traced: bool = True):
        self.supernet = supernet
        self._collect: Any = self._batch_statistics
        self._predict: Any = self._logits
        if not traced:
            return
        space = supernet.space
        dtype = supernet.compute_dtype if supernet.compute_dtype == "float64" else "float32"
        images = tf.TensorSpec([None, None, None, space.channels], dtype)
        code = SubnetCode.signature(space)
        shape = tf.TensorSpec([None, None], dtype)
        statistics = tf.nest.map_structure(lambda _: shape, _structure(supernet))
        self._collect = tf.function(self._batch_statistics, input_signature=[images, code], autograph=False)
        self._predict = tf.function(self._logits, input_signature=[images, code, statistics], autograph=False)

    @property
    def functions(self) -> tuple[Any, Any]:
        """The functions (images, code) to statistics, and (images, code, statistics) to logits."""
        return self._collect, self._predict

    def recalibrate(self, subnet: Subnet, batches: Iterable[tf.Tensor]) -> SubnetStatistics:
        """Computes the batch-norm statistics of a subnet over some images.

        Each batch is normalised by its own statistics; means are averaged and variances pooled, so larger
        batches give better statistics.

        Args:
          subnet: Any subnet of the super-supernet's space.
          batches: Batches [N, r, r, channels] of equal size, in 0…255, at the subnet's resolution.

        Raises:
          ScaleNetError: If there is no batch, or the super-supernet does not contain the subnet.
        """
        code = encode_subnet(self.supernet.space, subnet)
        moments = None
        count = images = 0
        for batch in batches:
            own = self._collect(batch, code)
            moments = own if moments is None else tf.nest.map_structure(tf.add, moments, own)
            count, images = count + 1, images + int(batch.shape[0])
        if moments is None:
            raise InvalidInputError("`batches` must hold at least one batch of images to recalibrate with")
        return SubnetStatistics(subnet, _pooled(moments, count), images)

    def logits(self, statistics: SubnetStatistics, images: tf.Tensor) -> tf.Tensor:
        """Logits [N, classes] of the subnet of `statistics`."""
        return self._predict(images, encode_subnet(self.supernet.space, statistics.subnet), statistics.values)

    def accuracy(self, statistics: SubnetStatistics, batches: Iterable[tuple[tf.Tensor, tf.Tensor]]) -> float:
        """Accuracy of the subnet of `statistics`, 0 to 1.

        Args:
          statistics: Statistics of `recalibrate`.
          batches: Pairs of images [N, r, r, channels] and labels [N].

        Raises:
          ScaleNetError: If there are no images.
        """
        return self.score(Task.single_label, statistics, batches)

    def score(
        self, task: Task, statistics: SubnetStatistics, batches: Iterable[tuple[tf.Tensor, tf.Tensor]]
    ) -> float:
        """Score of the subnet of `statistics`, 0 to 1: accuracy, or for multi_label mean average precision.

        Args:
          task: The task.
          statistics: Statistics of `recalibrate`.
          batches: Pairs of images [N, r, r, channels] and labels, [N] or multi-hot [N, classes].

        Raises:
          ScaleNetError: If there are no images, or for multi_label none that has a class.
        """
        code = encode_subnet(self.supernet.space, statistics.subnet)
        return score_over(task, lambda images: self._predict(images, code, statistics.values), batches)

    def _batch_statistics(self, images: tf.Tensor, code: SubnetCode) -> supernets.Statistics:
        weights = values(self.supernet.select(code))
        _, statistics = self.supernet.compute(images, code, weights, collect=True)
        return _map_moments(statistics, lambda mean, var: (mean, var + tf.square(mean)))

    def _logits(self, images: tf.Tensor, code: SubnetCode, statistics: supernets.Statistics) -> tf.Tensor:
        weights = folded(supernets.merge(values(self.supernet.select(code)), statistics))
        return self.supernet.compute(images, code, weights)[0]


def _structure(supernet: SuperSupernet) -> supernets.Statistics:
    """The nesting of a super-supernet's statistics, with zeros as values."""
    one = {"mean": 0, "variance": 0}
    nested: supernets.Statistics = {"stem_bn": one}
    for block in [
        b for pair in zip(supernet.first, supernet.rest, strict=True) for b in pair if b is not None
    ]:
        nested[block.name] = dict.fromkeys(block.norms, one)
    return nested | {"head_bn": one}


def _map_moments(
    statistics: supernets.Statistics, function: Callable[[tf.Tensor, tf.Tensor], Moments]
) -> supernets.Statistics:
    if "mean" in statistics:
        mean, variance = function(statistics["mean"], statistics["variance"])
        return {"mean": mean, "variance": variance}
    return {name: _map_moments(part, function) for name, part in statistics.items()}


def _pooled(sums: supernets.Statistics, count: int) -> supernets.Statistics:
    """Mean and variance, from the sums of means and second moments over `count` batches."""

    def pool(mean: tf.Tensor, second: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        mean = mean / count
        return mean, tf.maximum(second / count - tf.square(mean), 0)

    return _map_moments(sums, pool)


def _first(moments: dict[str, tf.Tensor]) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(moments["mean"][0]), np.asarray(moments["variance"][0])
