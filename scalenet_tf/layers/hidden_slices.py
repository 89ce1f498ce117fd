"""A block's values reduced to the hidden channels of one op, where ops of several expansions share rows."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width


def slice_hidden(weights: Weights, hidden: Width, squeezed: Width) -> Weights:
    """Slices one row's values to the leading hidden channels.

    Args:
      weights: Values of one row of an MBConv block.
      hidden: Number of hidden channels to keep.
      squeezed: Number of squeezed channels to keep.
    """
    cut = {name: dict(part) for name, part in weights.items()}
    for name in ("expand_bn", "depthwise_bn"):
        if name in cut:
            cut[name] = {key: value[..., :hidden] for key, value in cut[name].items()}
    if "expand" in cut:
        cut["expand"]["kernel"] = cut["expand"]["kernel"][..., :hidden]
    cut["depthwise"]["kernel"] = cut["depthwise"]["kernel"][..., :hidden]
    cut["project"]["kernel"] = cut["project"]["kernel"][:, :, :hidden]
    if "squeeze_excite" in cut:
        squeeze, excite = cut["squeeze_excite"]["squeeze"], cut["squeeze_excite"]["excite"]
        cut["squeeze_excite"] = {
            "squeeze": {"kernel": squeeze["kernel"][:hidden, :squeezed], "bias": squeeze["bias"][:squeezed]},
            "excite": {"kernel": excite["kernel"][:squeezed, :hidden], "bias": excite["bias"][:hidden]},
        }
    return cut


def zero_hidden(weights: Weights, hidden: Width, squeezed: Width) -> Weights:
    """Computes as `slice_hidden` does, with static shapes: channels past the op's own become zero.

    They receive no gradient either. Zero scales and offsets suffice for hidden channels, since every
    activation maps zero to zero. Squeezed channels take part in the gates of all hidden channels, so their
    weights become zero.

    Args:
      weights: Values of one row of an MBConv block.
      hidden: Number of hidden channels that the op uses.
      squeezed: Number of squeezed channels that the op uses.
    """

    def leading(value: tf.Tensor, count: Width) -> tf.Tensor:
        return tf.where(tf.range(value.shape[-1]) < count, value, tf.zeros([], value.dtype))

    zeroed = {name: dict(part) for name, part in weights.items()}
    for name in ("expand_bn", "depthwise_bn"):
        if name in zeroed:
            zeroed[name]["gamma_beta"] = leading(zeroed[name]["gamma_beta"], hidden)
    if "squeeze_excite" in zeroed:
        squeeze = zeroed["squeeze_excite"]["squeeze"]
        zeroed["squeeze_excite"]["squeeze"] = {key: leading(squeeze[key], squeezed) for key in squeeze}
    return zeroed
