"""Padding with zeros: images for strided convolutions, and hidden channels for speed."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.rules import padding

# Floats of a vector: convolutions and batch norm of whole vectors are the fastest on a CPU.
LANES = 16


def pad_images(images: tf.Tensor, kernel_size: int) -> tf.Tensor:
    """Pads [N, H, W, channels] on all sides, for a strided convolution of that kernel size."""
    # oneDNN's gradients of strided convolutions do not take explicit padding, TensorFlow's own are slow.
    edge = [padding(kernel_size)] * 2
    return tf.pad(images, [[0, 0], edge, edge, [0, 0]])


def pad_hidden(weights: Weights, count: Width) -> Weights:
    """Adds hidden channels of zeros to a block's values.

    The added channels stay zero through every layer, since their scales and offsets are zero, so that the
    block's output does not change.

    Args:
      weights: Values of an MBConv block, of one row or stacked.
      count: Number of channels to add.
    """

    @cache
    def paddings(rank: int, axis: int) -> Any:  # a static count gives static shapes
        return np.array([[0, own == axis] for own in range(rank)], np.int32) * count

    def widen(value: tf.Tensor, axis: int) -> tf.Tensor:
        rank = len(value.shape)
        return tf.pad(value, paddings(rank, rank + axis))

    wide = {name: dict(part) for name, part in weights.items()}
    for name in ("expand", "expand_bn", "depthwise", "depthwise_bn"):
        wide[name] = {key: widen(value, -1) for key, value in wide[name].items()}
    wide["project"]["kernel"] = widen(wide["project"]["kernel"], -2)
    if "squeeze_excite" in wide:
        squeeze, excite = wide["squeeze_excite"]["squeeze"], wide["squeeze_excite"]["excite"]
        wide["squeeze_excite"] = {
            "squeeze": {**squeeze, "kernel": widen(squeeze["kernel"], -2)},
            "excite": {key: widen(value, -1) for key, value in excite.items()},
        }
    return wide
