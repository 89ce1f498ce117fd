"""Feature maps of a plain model, for the heads of detection and segmentation networks."""

from __future__ import annotations

import keras

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import Subnet
from scalenet_tf.space.blocks import layout


def feature_pyramid(model: keras.Model, subnet: Subnet, least_stride: int = 4) -> keras.Model:
    """Returns a model with the last map of each stride, sharing layers and weights with `model`.

    Args:
      model: Plain model of the subnet.
      subnet: The network.
      least_stride: Smallest stride whose map is returned, in pixels of the image.

    Returns:
      A model from images [N, resolution, resolution, channels] to a dict of maps [N, h, w, width] by stride:
      "stride4", "stride8", … as far as the network goes.

    Raises:
      ScaleNetError: If the network has no stride so large.

    Example:
      >>> sorted(feature_pyramid(model, subnet).output)
      ['stride16', 'stride32', 'stride4', 'stride8']
    """
    parts = layout(subnet)
    stride, last = parts.stem.stride, {}
    for block in parts.blocks:
        stride *= block.stride
        last[stride] = block.output
    kept = {f"stride{stride}": name for stride, name in last.items() if stride >= least_stride}
    if not kept:
        raise InvalidInputError(
            f"`least_stride` must be at most {max(last)}, the largest stride. Received: {least_stride}"
        )
    outputs = {key: model.get_layer(name).output for key, name in kept.items()}
    return keras.Model(model.input, outputs, name=f"{model.name}_features")
