"""Squeezes that never fire: without a range of their own, int8 has no scale for them.

Of zeros alone the converter makes a scale of 1e-8, and XNNPACK refuses the whole file: a step of the sum
is then some hundred steps of the answer.
"""

from __future__ import annotations

import numpy as np
import tf_keras

_SILENT = 1e-3  # Of the largest sum: below it a squeeze answers nothing.
_BATCH = 100


def waken(network: tf_keras.Model, images: np.ndarray) -> list[str]:
    """Gives each squeeze that answers zero to all images a unit that is constant, and that nothing reads.

    What the network answers to these images stays: the unit answered zero to them too.

    Args:
      network: Changed in place.
      images: [N, r, r, C], as the network takes them.

    Returns:
      The names of the squeezes that were silent.
    """
    squeezes = [layer for layer in network.layers if layer.name.endswith("_squeeze")]
    if not squeezes:
        return []
    # The last of a layer's places is the one in this network: it may be a part of another.
    pooled = tf_keras.Model(network.input, {layer.name: layer.get_input_at(-1) for layer in squeezes})
    inputs = pooled.predict(images, batch_size=_BATCH, verbose=0)
    silent = []
    for layer in squeezes:
        kernel, bias = layer.get_weights()
        sums = inputs[layer.name].reshape(len(images), -1) @ kernel + bias
        size = float(np.abs(sums).max())
        if sums.max() < _SILENT * size:
            _make_constant(network, layer, int(sums.max(axis=0).argmin()), size)
            silent.append(layer.name)
    return silent


def _make_constant(network: tf_keras.Model, squeeze: tf_keras.layers.Dense, unit: int, size: float) -> None:
    kernel, bias = squeeze.get_weights()
    kernel[:, unit], bias[unit] = 0, size
    squeeze.set_weights([kernel, bias])
    excite = network.get_layer(squeeze.name.removesuffix("_squeeze") + "_excite")
    kernel, bias = excite.get_weights()
    kernel[unit] = 0
    excite.set_weights([kernel, bias])
