"""How the pipelines run on the host: fixed parallelism, no tuning thread."""

from __future__ import annotations

import os

import tensorflow as tf

# As many workers as the process may use cores, within reason.
PARALLEL = min(16, max(2, len(os.sched_getaffinity(0))))
PREFETCH = 4


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same elements without tf.data's tuning thread.

    That thread sleeps for up to a minute, and an iterator's end waits for it: an epoch of five seconds
    was seen to take ten, one of eleven to take twenty.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
