"""Clusters kernels of few values in a process of its own, since it loads TensorFlow Model Optimization.

Prints the numbers of distinct values that are left in kernels of 12, 2 and 1 distinct ones.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import tf_keras

from scalenet_tf.compress.sparse import cluster


def distinct_after(kernel: np.ndarray) -> int:
    given = tf_keras.Input((kernel.shape[0],))
    layer = tf_keras.layers.Dense(kernel.shape[1], use_bias=False, name="dense")
    model = tf_keras.Model(given, layer(given))
    layer.set_weights([kernel])
    tuning = SimpleNamespace(options=SimpleNamespace(clusters=16), fit=lambda model: None)
    [left] = cluster(model, tuning).get_layer("dense").get_weights()  # type: ignore[arg-type]
    assert np.isfinite(left).all()
    return len(np.unique(left))


many = np.arange(12, dtype=np.float32).reshape(4, 3)
print(*(distinct_after(kernel) for kernel in (many, (many > 5).astype(np.float32), np.zeros_like(many))))
