"""Does a server's work in a separate process: `python probe.py SAVED_MODEL IMAGES.npy` prints JSON.

It imports TensorFlow and NumPy, but no model code of this project: what loads here loads in any server.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

from scalenet_tf.utils.lifeline import end_with_parent
from scalenet_tf.utils.resident_memory import peak_resident_memory
from scalenet_tf.utils.timing import time_calls
from scalenet_tf.utils.whole_float32 import whole_float32

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_TIMES = 20


def probe(saved_model: str, images_file: str) -> dict[str, Any]:
    """Loads a SavedModel, queries every signature, and times single images.

    Args:
      saved_model: Folder of the SavedModel.
      images_file: File of images, uint8 [N, H, W, C].

    Returns:
      A JSON value: loading time in seconds, peak memory in bytes, the version of TensorFlow, and for each
      signature the shapes of its outputs, whether these are probabilities, and milliseconds for one image.
    """
    import numpy as np
    import tensorflow as tf

    images = np.load(images_file)
    began = time.monotonic()
    loaded = tf.saved_model.load(saved_model)
    seconds = time.monotonic() - began
    signatures, first = {}, None
    for name, signature in loaded.signatures.items():
        ((given_name, spec),) = signature.structured_input_signature[1].items()
        sent = _as_input(images, spec.dtype)
        with whole_float32():
            outputs = signature(**{given_name: sent})
            given = outputs["probabilities"].numpy()
        first = given if first is None else first
        one = {given_name: sent[:1]}
        signatures[name] = {
            "shapes": {key: list(value.shape) for key, value in outputs.items()},
            "finite": bool(np.isfinite(given).all()),
            # With several classes at once, each has a probability of its own.
            "sums_to_one": "present" in outputs or bool(np.allclose(given.sum(axis=1), 1, atol=1e-3)),
            "difference": float(np.max(np.abs(given - first))),
            "latency_ms": round(statistics.median(_times(signature, one)), 3),
        }
    return {
        "server": f"TensorFlow {tf.__version__} (tf.saved_model.load), not TensorFlow Serving",
        "loading_seconds": round(seconds, 3),
        "memory_bytes": peak_resident_memory(),
        "signatures": signatures,
    }


def _as_input(images: Any, dtype: Any) -> Any:
    """Converts images [N, H, W, C] to the input type of a signature; strings are PNG files."""
    import tensorflow as tf

    if dtype == tf.string:
        return tf.stack([tf.io.encode_png(image) for image in images])
    return tf.cast(images, dtype)


def _times(signature: Any, inputs: dict[str, Any]) -> list[float]:
    return time_calls(lambda: signature(**inputs)["probabilities"].numpy(), fewest=_TIMES, most=_TIMES)


if __name__ == "__main__":
    end_with_parent()
    print(json.dumps(probe(sys.argv[1], sys.argv[2])))
