"""Squeezes that never fire, or hardly: their answers' range is too small for int8.

XNNPACK refuses a file in which a step of a layer's sum is 256 steps of its answer or more. A sum has its
inputs' step times its kernel's, and an answer's step is a 255th of the largest one.
"""

from __future__ import annotations

import numpy as np
import tf_keras

_STEPS = (
    16  # Of the answer, in a step of the sum: far from 256, since training in int8 moves the inputs' range.
)
_BATCH = 100


def waken(network: tf_keras.Model, images: np.ndarray) -> list[str]:
    """Gives each squeeze whose answers are too small a unit that is constant, and that nothing reads.

    The constant is the least one that gives the answers a range that int8 can take. The unit is the one that
    fires least. Where it never fires the network answers to these images as before; where it does, what it
    answered is lost, which is at most a 2,000th of what one input adds to a sum.

    Args:
      network: Changed in place.
      images: [N, r, r, C], as the network takes them.

    Returns:
      The names of the squeezes that were too weak.
    """
    squeezes = [layer for layer in network.layers if layer.name.endswith("_squeeze")]
    if not squeezes:
        return []
    # The last of a layer's places is the one in this network: it may be a part of another.
    pooled = tf_keras.Model(network.input, {layer.name: layer.get_input_at(-1) for layer in squeezes})
    inputs = pooled.predict(images, batch_size=_BATCH, verbose=0)
    weak = []
    for layer in squeezes:
        kernel, bias = layer.get_weights()
        own = inputs[layer.name].reshape(len(images), -1)
        answers = np.maximum(own @ kernel + bias, 0)
        sum_step = (max(own.max(), 0) - min(own.min(), 0)) / 255 * np.abs(kernel).max() / 127
        needed = float(sum_step / _STEPS * 255)
        if answers.max() < needed:
            _make_constant(network, layer, int(answers.max(axis=0).argmin()), needed)
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
