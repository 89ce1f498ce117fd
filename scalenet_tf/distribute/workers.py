"""What the workers of a training agree on: they do the same at the same step, and one of them writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from scalenet_tf.distribute.cluster import Cluster, read_cluster
from scalenet_tf.errors import ScaleNetError, first_line

Result = TypeVar("Result")

SHARED = "--run must be the same folder on all workers, on storage that they share."

# Apart from the keys of `Replicas`, and of tf.distribute.
_GROUP_KEY = (1 << 20) - 1


@dataclass(frozen=True)
class Workers:
    """All workers of a training; of a single one every method is local and costs nothing.

    Each has to call the same methods in the same order.
    """

    count: int = 1
    index: int = 0

    @classmethod
    def of(cls, strategy: tf.distribute.Strategy) -> Workers:
        """Those that a strategy joined."""
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            return cls()
        cluster: Cluster = read_cluster()
        return cls(len(cluster.addresses), cluster.index)

    @property
    def chief(self) -> bool:
        """Whether this process writes the files of the run."""
        return self.index == 0

    def exchange(self, *numbers: int) -> np.ndarray:
        """The numbers of every worker, [count, len(numbers)]; it waits until all have given theirs."""
        own = np.array([numbers], np.int64)
        if self.count == 1:
            return own
        with tf.device("CPU:0"):
            return _gather(tf.constant(own), tf.constant(self.count)).numpy()

    def agree(self, signal: int | None, late: bool) -> tuple[int | None, bool]:
        """The signal that any worker has received, and whether it is late by the chief's clock."""
        everyone = self.exchange(signal or 0, int(late))
        return int(everyone[:, 0].max()) or None, bool(everyone[0, 1])

    def chief_first(self, act: Callable[[], Result]) -> Result:
        """What `act` returns; the others call it once the chief is done with it."""
        if self.chief:
            result = act()
            self.exchange(0)
            return result
        self.exchange(0)
        return act()

    def check_same(self, what: str, number: int) -> None:
        """Checks that all have read the same.

        Raises:
          ScaleNetError: where they have not.
        """
        everyone = self.exchange(number)[:, 0]
        if (everyone != everyone[0]).any():
            raise ScaleNetError(
                f"the workers of this training read different files: {what} {everyone.tolist()}. {SHARED}"
            )

    @contextmanager
    def losses_explained(self, command: str) -> Iterator[None]:
        """Turns the failure of an operation that several workers share into what to do about it.

        Raises:
          ScaleNetError: where another worker ended or does not answer; it names `command`.
        """
        try:
            yield
        except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
            if self.count == 1:
                raise
            raise ScaleNetError(
                f"worker {self.index} of {self.count}: another worker ended, or cannot be reached "
                f"({first_line(error)}). What was saved is kept. Start all workers again, each "
                f"with its own TF_CONFIG: {command}"
            ) from error


@tf.function(autograph=False, reduce_retracing=False)
def _gather(own: tf.Tensor, count: tf.Tensor) -> Any:
    return tf.raw_ops.CollectiveGatherV2(
        input=own,
        group_size=count,
        group_key=tf.constant(_GROUP_KEY),
        # One after another, so the number of columns tells who meets whom.
        instance_key=tf.shape(own)[1],
        ordering_token=[],
    )
