"""Options of input pipelines on the host: fixed parallelism, no tuning thread."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.utils.processes import usable_cores

# One worker for each core that the process may use, 2 to 16.
PARALLEL = min(16, max(2, usable_cores()))
PREFETCH = 4


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Turns off the tuning thread of tf.data; the elements stay the same.

    The thread sleeps for up to a minute, and the end of an iterator waits for it: an epoch of five seconds
    was seen to take ten, one of eleven to take twenty.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
