"""Sums over the replicas of a step, wherever in a traced function they are needed.

`tf.distribute`'s own all-reduce switches between the replicas' threads, which TensorFlow refuses inside
control flow, so in the loop over a stage's blocks too. TensorFlow's collective operation can stand there,
and on a TPU its own sum over replicas.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import tensorflow as tf

# Apart from the group keys of tf.distribute, which count up from 1.
_GROUP_KEYS = 1 << 20
_LENGTHS = 1 << 10


@dataclass(frozen=True)
class Replicas:
    """The replicas that share a global batch; a single one costs nothing.

    Attributes:
      count: How many, over all workers.
      token: A variable with a copy on each replica, or that copy's handle in the graph at hand; None for
        a single replica, and on a TPU.
      sites: Numbers of the sums of one traced function. All replicas trace the same sums in the same
        order, so a number is where they meet.
      on_tpu: Whether they are cores of a TPU.
    """

    count: int = 1
    token: tf.Variable | tf.Tensor | None = None
    sites: Iterator[int] = field(default_factory=itertools.count, repr=False, compare=False)
    on_tpu: bool = False

    @classmethod
    def of(cls, strategy: tf.distribute.Strategy) -> Replicas:
        """Those of a strategy; on several workers, all of them have to call this."""
        if strategy.num_replicas_in_sync == 1:
            return ONE
        if isinstance(strategy, tf.distribute.TPUStrategy):
            return cls(strategy.num_replicas_in_sync, on_tpu=True)
        with strategy.scope():
            return cls(strategy.num_replicas_in_sync, tf.Variable(0.0, trainable=False, name="order"))

    def traced(self) -> Replicas:
        """The same for one function, with its sums numbered from 0: call it where a replica begins."""
        return replace(self, sites=itertools.count())

    def bound(self) -> Replicas:
        """The same, bound to the graph at hand: for sums in the gradient of what is computed there."""
        if self.token is None:
            return self
        return replace(self, token=_captured(self.token))

    def sum(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """The sum of each tensor over the replicas, the same bits on all of them; it has no gradient.

        Args:
          tensors: Of one floating type, of the same shapes on every replica.

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
            # TensorFlow keeps a meeting place, with its length and type, for good: padding bounds how many.
            lengths = tf.constant(_lengths())
            index = tf.searchsorted(lengths, tf.reshape(tf.add_n(sizes), [1]))[0]
            padding = lengths[index] - tf.add_n(sizes)
            site = 3 * next(self.sites) + packed.dtype.size // 4
            place = site * _LENGTHS + index
        packed = tf.pad(packed, [[0, padding]])
        summed = _all_reduce(packed, tf.constant(self.count), place, _captured(self.token))
        parts = tf.split(summed, [*sizes, padding])[:-1]
        return [tf.reshape(part, tf.shape(tensor)) for part, tensor in zip(parts, tensors, strict=True)]


ONE = Replicas()


def _lengths() -> np.ndarray:
    """Every length below 64, then 32 for each doubling: at most 1/32 of a vector is padding."""
    doublings = [np.arange(32, 64) << doubling for doubling in range(1, 25)]
    return np.concatenate([np.arange(64), *doublings]).astype(np.int32)


def _captured(token: tf.Variable | tf.Tensor) -> tf.Tensor:
    # Once captured, a handle is an invariant of the loop at hand, which the loop's gradient can take up.
    handle = token if isinstance(token, tf.Tensor) else token.handle
    return tf.compat.v1.get_default_graph().capture(handle)


# A function of its own that is never inlined: inside a loop, the name of the loop would enter the name
# under which replicas meet, and it differs between the replicas of one process.
@tf.function(autograph=False, reduce_retracing=True, experimental_attributes={"_noinline": True})
def _all_reduce(vector: tf.Tensor, count: tf.Tensor, place: tf.Tensor, token: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.CollectiveReduceV2(
        input=vector,
        group_size=count,
        group_key=_GROUP_KEYS + count,
        instance_key=place,
        # Without it TensorFlow would run one replica's sums after the other's, and both would wait.
        ordering_token=[token],
        merge_op="Add",
        final_op="Id",
    )
