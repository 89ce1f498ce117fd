"""The values of a block that declares its layers, with more or fewer channels between the layers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.layers.padding import LANES
from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width
from scalenet_tf.layers.squeeze_excite import squeezed_width
from scalenet_tf.space.block_layers import BlockLayer, Conv, Depthwise, SqueezeExcite


def slice_inner(
    weights: Weights, layers: Sequence[BlockLayer], widths: Sequence[Width | None], reduction: int
) -> Weights:
    """Slices one row's values to the leading channels that its op uses.

    Args:
      weights: Values of one row.
      layers: The block's layers.
      widths: Channels to keep after each convolution; None to keep all.
      reduction: Channels per squeezed channel.
    """
    cut, into, channels = dict(weights), None, iter(widths)
    for layer in layers:
        part = cut[layer.name]
        if isinstance(layer, SqueezeExcite):
            if into is not None:
                cut[layer.name] = _slice_gate(part, into, squeezed_width(into, reduction))
            continue
        out = next(channels)
        kernel = part["kernel"]
        if isinstance(layer, Conv) and into is not None:
            kernel = kernel[:, :, :into]
        cut[layer.name] = {**part, "kernel": kernel if out is None else kernel[..., :out]}
        if out is not None:
            norm = f"{layer.name}_bn"
            cut[norm] = {key: value[..., :out] for key, value in cut[norm].items()}
        into = out
    return cut


def zero_inner(
    weights: Weights, layers: Sequence[BlockLayer], widths: Sequence[Width | None], reduction: int
) -> Weights:
    """Computes as `slice_inner` does, with static shapes: channels past the op's own become zero.

    Zero scales and offsets suffice, since every activation maps zero to zero, except for squeezed channels,
    which take part in the gates of all channels. The arguments are those of `slice_inner`.
    """

    def leading(value: tf.Tensor, count: Width) -> tf.Tensor:
        return tf.where(tf.range(value.shape[-1]) < count, value, tf.zeros([], value.dtype))

    zeroed, into, channels = dict(weights), None, iter(widths)
    for layer in layers:
        if isinstance(layer, SqueezeExcite):
            if into is not None:
                part, squeezed = zeroed[layer.name], squeezed_width(into, reduction)
                squeeze = {key: leading(value, squeezed) for key, value in part["squeeze"].items()}
                zeroed[layer.name] = {**part, "squeeze": squeeze}
            continue
        into = next(channels)
        if into is not None:
            norm = f"{layer.name}_bn"
            zeroed[norm] = {**zeroed[norm], "gamma_beta": leading(zeroed[norm]["gamma_beta"], into)}
    return zeroed


def pad_inner(weights: Weights, layers: Sequence[BlockLayer], padded: Collection[str]) -> Weights:
    """Adds channels of zeros after some convolutions, up to a multiple of `LANES`.

    The added channels stay zero until the next convolution, since their scales and offsets are zero, so the
    block's output does not change.

    Args:
      weights: Values of a block, of one row or stacked.
      layers: The block's layers.
      padded: Names of the convolutions after which channels are added; depthwise ones follow.
    """
    wide, count = dict(weights), None
    for layer in layers:
        part = wide[layer.name]
        if isinstance(layer, SqueezeExcite):
            wide[layer.name] = part if count is None else _pad_gate(part, count)
            continue
        kernel, norm = part["kernel"], f"{layer.name}_bn"
        if not isinstance(layer, Depthwise):
            kernel = kernel if count is None else _widen(kernel, -2, count)
            width = tf.shape(kernel)[-1] if kernel.shape[-1] is None else kernel.shape[-1]
            count = -width % LANES if layer.name in padded else None
        wide[layer.name] = {**part, "kernel": kernel if count is None else _widen(kernel, -1, count)}
        if count is not None:
            wide[norm] = {key: _widen(value, -1, count) for key, value in wide[norm].items()}
    return wide


def _slice_gate(part: Weights, width: Width, squeezed: Width) -> Weights:
    squeeze, excite = part["squeeze"], part["excite"]
    return {
        "squeeze": {"kernel": squeeze["kernel"][:width, :squeezed], "bias": squeeze["bias"][:squeezed]},
        "excite": {"kernel": excite["kernel"][:squeezed, :width], "bias": excite["bias"][:width]},
    }


def _pad_gate(part: Weights, count: Width) -> Weights:
    squeeze, excite = part["squeeze"], part["excite"]
    return {
        "squeeze": {**squeeze, "kernel": _widen(squeeze["kernel"], -2, count)},
        "excite": {key: _widen(value, -1, count) for key, value in excite.items()},
    }


def _widen(value: Any, axis: int, count: Width) -> tf.Tensor:
    rank = len(value.shape)
    # A static count gives static shapes.
    return tf.pad(value, np.array([[0, own == rank + axis] for own in range(rank)], np.int32) * count)
