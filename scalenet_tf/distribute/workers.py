"""Agreement among the workers of a training: same actions at the same step, one worker that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from scalenet_tf.distribute.cluster import Cluster, read_cluster
from scalenet_tf.errors import ConnectionLostError, InvalidInputError, first_line

Result = TypeVar("Result")

SHARED = "--run must be the same folder on all workers, on storage that they share."

# Unlike the keys of `Replicas` and of tf.distribute.
_GROUP_KEY = (1 << 20) - 1


@dataclass(frozen=True)
class Workers:
    """The workers of a training; with a single one, every method is local and free.

    All workers have to call the same methods in the same order.

    Attributes:
      count: Number of workers.
      index: Index of this worker; 0 is the chief.
    """

    count: int = 1
    index: int = 0

    @classmethod
    def of(cls, strategy: tf.distribute.Strategy) -> Workers:
        """Returns the workers that a strategy has joined."""
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            return cls()
        cluster: Cluster = read_cluster()
        return cls(len(cluster.addresses), cluster.index)

    @property
    def chief(self) -> bool:
        """Whether this process writes the files of the run."""
        return self.index == 0

    def exchange(self, *numbers: int) -> np.ndarray:
        """Returns the numbers of every worker as int64 [count, len(numbers)], after all have sent theirs."""
        own = np.array([numbers], np.int64)
        if self.count == 1:
            return own
        with tf.device("CPU:0"):
            return _gather(tf.constant(own), tf.constant(self.count)).numpy()

    def agree(self, signal: int | None, late: bool) -> tuple[int | None, bool]:
        """Returns the signal that any worker has received, and whether the chief says that it is late.

        Args:
          signal: Number of the signal that this worker has received, or None.
          late: Whether a checkpoint is due by this worker's clock.
        """
        everyone = self.exchange(signal or 0, int(late))
        return int(everyone[:, 0].max()) or None, bool(everyone[0, 1])

    def chief_first(self, act: Callable[[], Result]) -> Result:
        """Calls `act`, in the other workers only once the chief is done, and returns its result."""
        if self.chief:
            result = act()
            self.exchange(0)
            return result
        self.exchange(0)
        return act()

    def check_same(self, meaning: str, number: int) -> None:
        """Checks that all workers have read the same number.

        Args:
          meaning: Description of the number for the error text.
          number: The number.

        Raises:
          ScaleNetError: If the numbers differ.
        """
        everyone = self.exchange(number)[:, 0]
        if (everyone != everyone[0]).any():
            raise InvalidInputError(
                f"the workers of this training read different files: {meaning} {everyone.tolist()}. {SHARED}"
            )

    @contextmanager
    def losses_explained(self, command: str) -> Iterator[None]:
        """Turns the failure of a shared operation into an error that says what to do.

        Args:
          command: Command that resumes the training.

        Raises:
          ScaleNetError: If another worker has exited or cannot be reached; the text gives `command`.
        """
        try:
            yield
        except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError) as error:
            if self.count == 1:
                raise
            raise ConnectionLostError(
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
        # Exchanges follow one another, so the number of columns is enough to tell them apart.
        instance_key=tf.shape(own)[1],
        ordering_token=[],
    )
