"""Squeezes whose outputs are nearly always 0, so that their range is too small for int8.

XNNPACK refuses a file in which one step of a layer's sum is 256 steps of its output or more. The step of a
sum is the step of the inputs times that of the kernel; the step of an output is a 255th of the largest one.
"""

from __future__ import annotations

import numpy as np
import tf_keras

# Steps of the output in one step of the sum: far below 256, since training in int8 moves the inputs' range.
_STEPS = 16
_BATCH = 100


def fix_weak_squeezes(network: tf_keras.Model, images: np.ndarray) -> list[str]:
    """Makes one unit constant in each squeeze whose outputs are too small, and lets nothing read that unit.

    The constant is the smallest one that gives the outputs a range that int8 can represent. The unit is the
    one with the smallest outputs. If these are 0 for all images, the network's predictions do not change;
    otherwise they are lost, which is at most a 2,000th of what one input adds to a sum.

    Args:
      network: The network; changed in place.
      images: [N, r, r, C], as the network takes them.

    Returns:
      The names of the squeezes that were too weak.
    """
    squeezes = [layer for layer in network.layers if layer.name.endswith("_squeeze")]
    if not squeezes:
        return []
    # A layer may belong to several networks: its last node is the one of this network.
    pooled = tf_keras.Model(network.input, {layer.name: layer.get_input_at(-1) for layer in squeezes})
    inputs = pooled.predict(images, batch_size=_BATCH, verbose=0)
    weak = []
    for layer in squeezes:
        kernel, bias = layer.get_weights()
        own = inputs[layer.name].reshape(len(images), -1)
        outputs = np.maximum(own @ kernel + bias, 0)
        sum_step = (max(own.max(), 0) - min(own.min(), 0)) / 255 * np.abs(kernel).max() / 127
        needed = float(sum_step / _STEPS * 255)
        if outputs.max() < needed:
            _make_constant(network, layer, int(outputs.max(axis=0).argmin()), needed)
            weak.append(layer.name)
    return weak


def _make_constant(network: tf_keras.Model, squeeze: tf_keras.layers.Dense, unit: int, value: float) -> None:
    kernel, bias = squeeze.get_weights()
    kernel[:, unit], bias[unit] = 0, value
    squeeze.set_weights([kernel, bias])
    excite = network.get_layer(squeeze.name.removesuffix("_squeeze") + "_excite")
    kernel, bias = excite.get_weights()
    kernel[unit] = 0
    excite.set_weights([kernel, bias])
