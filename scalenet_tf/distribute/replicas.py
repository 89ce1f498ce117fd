"""Sums over the replicas of a training step, anywhere in a traced function.

The all-reduce of `tf.distribute` switches between the threads of the replicas, which TensorFlow does not
allow inside control flow such as the loop over a stage's blocks. TensorFlow's collective operation works
there, and on a TPU its sum over replicas.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import tensorflow as tf

# Far from the group keys of tf.distribute, which count up from 1.
_GROUP_KEYS = 1 << 20
_LENGTHS = 1 << 10


@dataclass(frozen=True)
class Replicas:
    """The replicas that share a global batch; for a single one, sums are free.

    Attributes:
      count: Number of replicas over all workers.
      token: Variable with a copy on each replica, or the handle of that copy in the current graph; None for
        a single replica, and on a TPU.
      sites: Numbers of the sums in one traced function. All replicas trace the same sums in the same order,
        so equal numbers belong together.
      on_tpu: Whether the replicas are cores of a TPU.
    """

    count: int = 1
    token: tf.Variable | tf.Tensor | None = None
    sites: Iterator[int] = field(default_factory=itertools.count, repr=False, compare=False)
    on_tpu: bool = False

    @classmethod
    def of(cls, strategy: tf.distribute.Strategy) -> Replicas:
        """Returns the replicas of a strategy; all workers of the strategy have to call this."""
        if strategy.num_replicas_in_sync == 1:
            return ONE
        if isinstance(strategy, tf.distribute.TPUStrategy):
            return cls(strategy.num_replicas_in_sync, on_tpu=True)
        with strategy.scope():
            return cls(strategy.num_replicas_in_sync, tf.Variable(0.0, trainable=False, name="order"))

    def traced(self) -> Replicas:
        """Returns the replicas for one traced function, with its sums numbered from 0."""
        return replace(self, sites=itertools.count())

    def bound(self) -> Replicas:
        """Returns the replicas bound to the current graph, for sums in the gradient of its computation."""
        if self.token is None:
            return self
        return replace(self, token=_captured(self.token))

    def sum(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Sums each tensor over the replicas, to the same bits on all of them; the sum has no gradient.

        Args:
          tensors: Tensors of one floating-point type, with the same shapes on every replica.

        Example:
          >>> gradients = replicas.sum(gradients)
        """
        if self.on_tpu:
            everyone = [list(range(self.count))]
            return [tf.raw_ops.CrossReplicaSum(input=part, group_assignment=everyone) for part in tensors]
        if self.token is None:
            return list(tensors)
        sizes = [tf.size(tensor) for tensor in tensors]
        packed = tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], 0)
        with tf.device("CPU:0"):
            # TensorFlow never forgets an instance key, its length and type: padding bounds their number.
            lengths = tf.constant(_lengths())
            index = tf.searchsorted(lengths, tf.reshape(tf.add_n(sizes), [1]))[0]
            padding = lengths[index] - tf.add_n(sizes)
            site = 3 * next(self.sites) + packed.dtype.size // 4
            instance = site * _LENGTHS + index
        packed = tf.pad(packed, [[0, padding]])
        summed = _all_reduce(packed, tf.constant(self.count), instance, _captured(self.token))
        parts = tf.split(summed, [*sizes, padding])[:-1]
        return [tf.reshape(part, tf.shape(tensor)) for part, tensor in zip(parts, tensors, strict=True)]


ONE = Replicas()


def _lengths() -> np.ndarray:
    """Returns all lengths below 64, then 32 per doubling, so at most 1/32 of a vector is padding."""
    doublings = [np.arange(32, 64) << doubling for doubling in range(1, 25)]
    return np.concatenate([np.arange(64), *doublings]).astype(np.int32)


def _captured(token: tf.Variable | tf.Tensor) -> tf.Tensor:
    # A captured handle is an invariant of the surrounding loop, which the loop's gradient can use too.
    handle = token if isinstance(token, tf.Tensor) else token.handle
    return tf.compat.v1.get_default_graph().capture(handle)


# Never inlined: inside a loop, the name of the loop would enter the key that replicas meet under, and it
# differs between the replicas of one process.
@tf.function(autograph=False, reduce_retracing=True, experimental_attributes={"_noinline": True})
def _all_reduce(vector: tf.Tensor, count: tf.Tensor, instance: tf.Tensor, token: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.CollectiveReduceV2(
        input=vector,
        group_size=count,
        group_key=_GROUP_KEYS + count,
        instance_key=instance,
        # Without it, TensorFlow would run the sums of the replicas one after another: a deadlock.
        ordering_token=[token],
        merge_op="Add",
        final_op="Id",
    )
