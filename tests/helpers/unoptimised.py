"""TensorFlow's graphs as they are traced."""

from __future__ import annotations

import tensorflow as tf


def optimise_graphs(on: bool) -> None:
    """Sets whether TensorFlow rewrites a graph before its first run, for the process.

    Rewriting takes a third of the time of a test that runs a graph only a few times. What graphs compute does
    not depend on it; the slow tests, and most commands that tests start, have it.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": not on})
