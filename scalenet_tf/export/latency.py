"""How long an exported model takes to answer."""

from __future__ import annotations

import statistics
import time
from typing import Any

import tensorflow as tf

from scalenet_tf.run.metrics import Latency, Threads

BATCHES = (1, 32)
_WARM_UP = 5
_SECONDS = 1.0
_FEWEST, _MOST = 5, 100


def measure_latency(loaded: Any, image_size: int, channels: int) -> Latency:
    """Times `serving_default` in this process, one call after another.

    Args:
      loaded: What tf.saved_model.load gave.
      image_size: Side of the images sent, in pixels; resizing is part of the time.
      channels: Their channels.

    Returns:
      Median milliseconds of a batch of 1 and of 32, and the threads TensorFlow may use.
    """
    serve = loaded.signatures["serving_default"]
    milliseconds = {}
    for batch in BATCHES:
        images = tf.random.stateless_uniform(
            (batch, image_size, image_size, channels), seed=(0, batch), maxval=256, dtype=tf.int32
        )
        milliseconds[batch] = round(_median_milliseconds(serve, tf.cast(images, tf.uint8)), 3)
    threads = Threads(
        intra_op=tf.config.threading.get_intra_op_parallelism_threads(),
        inter_op=tf.config.threading.get_inter_op_parallelism_threads(),
    )
    return Latency(latency_ms=milliseconds, latency_image_size=image_size, latency_threads=threads)


def _median_milliseconds(serve: Any, images: tf.Tensor) -> float:
    def call() -> float:
        started = time.perf_counter()
        serve(images=images)["probabilities"].numpy()
        return 1000 * (time.perf_counter() - started)

    for _ in range(_WARM_UP):
        call()
    times: list[float] = []
    end = time.perf_counter() + _SECONDS
    while len(times) < _FEWEST or (len(times) < _MOST and time.perf_counter() < end):
        times.append(call())
    return statistics.median(times)
