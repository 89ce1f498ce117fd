"""The latency of an exported model."""

from __future__ import annotations

import statistics
from functools import partial
from typing import Any

import tensorflow as tf

from scalenet_tf.run.metrics import Latency, Threads
from scalenet_tf.utils.timing import time_calls

BATCHES = (1, 32)
_WARM_UP = 5
_BURSTS = 5  # Other work on the machine lengthens some of them.
_SECONDS = 0.25
_FEWEST, _MOST = 3, 20


def measure_latency(loaded: Any, image_size: int, channels: int) -> Latency:
    """Times `serving_default` in this process, one call after another.

    Args:
      loaded: Value of `tf.saved_model.load`.
      image_size: Side of the input images in pixels; resizing them is part of the time.
      channels: Number of image channels.

    Returns:
      Milliseconds for batches of 1 and 32 images, the median of the fastest burst of calls, and the threads
      that TensorFlow may use.
    """
    serve = loaded.signatures["serving_default"]
    milliseconds = {}
    for batch in BATCHES:
        images = tf.random.stateless_uniform(
            (batch, image_size, image_size, channels), seed=(0, batch), maxval=256, dtype=tf.int32
        )
        call = partial(_probabilities, serve, tf.cast(images, tf.uint8))
        bursts = [
            time_calls(call, warm_up=_WARM_UP, fewest=_FEWEST, most=_MOST, seconds=_SECONDS)
            for _ in range(_BURSTS)
        ]
        milliseconds[batch] = round(min(map(statistics.median, bursts)), 3)
    threads = Threads(
        intra_op=tf.config.threading.get_intra_op_parallelism_threads(),
        inter_op=tf.config.threading.get_inter_op_parallelism_threads(),
    )
    return Latency(latency_ms=milliseconds, latency_image_size=image_size, latency_threads=threads)


def _probabilities(serve: Any, images: tf.Tensor) -> Any:
    return serve(images=images)["probabilities"].numpy()
