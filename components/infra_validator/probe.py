"""A server's work in a process of its own: `python probe.py SAVED_MODEL IMAGES.npy`, one line of JSON.

It imports TensorFlow and NumPy alone: a model that loads here needs nothing of this project.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_TIMES = 20


def probe(saved_model: str, images_file: str) -> dict[str, Any]:
    """Loads a SavedModel, asks every signature, and times single images.

    Returns:
      A JSON value: seconds of loading, largest resident memory in bytes, TensorFlow's version, and for each
      signature the shapes of its answers, whether probabilities are some, and milliseconds of one image.
    """
    import numpy as np
    import tensorflow as tf

    images = np.load(images_file)
    began = time.monotonic()
    loaded = tf.saved_model.load(saved_model)
    seconds = time.monotonic() - began
    signatures, first = {}, None
    for name, signature in loaded.signatures.items():
        dtype = signature.structured_input_signature[1]["images"].dtype
        answers = signature(images=tf.cast(images, dtype))
        given = answers["probabilities"].numpy()
        first = given if first is None else first
        one = tf.cast(images[:1], dtype)
        signatures[name] = {
            "shapes": {key: list(value.shape) for key, value in answers.items()},
            "finite": bool(np.isfinite(given).all()),
            "sums_to_one": bool(np.allclose(given.sum(axis=1), 1, atol=1e-3)),
            "difference": float(np.max(np.abs(given - first))),
            "latency_ms": _milliseconds(lambda signature=signature, one=one: signature(images=one)),
        }
    return {
        "server": f"TensorFlow {tf.__version__} (tf.saved_model.load), not TensorFlow Serving",
        "loading_seconds": round(seconds, 3),
        "memory_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "signatures": signatures,
    }


def _milliseconds(call: Any) -> float:
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        call()["probabilities"].numpy()
        times.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(times), 3)


if __name__ == "__main__":
    print(json.dumps(probe(sys.argv[1], sys.argv[2])))
