"""Copies the weights of a subnet from the super-supernet to its plain Keras model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from scalenet_tf.layers.row_slices import values
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetStatistics
from scalenet_tf.models.supernet import SuperSupernet, place
from scalenet_tf.space.block_layers import Conv, Depthwise, PlacedLayer, SqueezeExcite
from scalenet_tf.space.blocks import blocks


def copy_weights(supernet: SuperSupernet, model: keras.Model, statistics: SubnetStatistics) -> None:
    """Copies a subnet's weights and its recalibrated statistics to its plain model.

    Afterwards `model(images)` equals the super-supernet's evaluation of the subnet.

    Args:
      supernet: The super-supernet.
      model: A model of `build_model(statistics.subnet)`; changed in place.
      statistics: Batch-norm statistics of `SubnetEvaluator.recalibrate`.

    Example:
      >>> model = build_model(statistics.subnet)
      >>> copy_weights(net, model, statistics)
    """
    subnet = statistics.subnet
    weights = values(supernet.select(encode_subnet(supernet.space, subnet)))
    moments = statistics.by_layer()

    def put(layer: str, *arrays: Any) -> None:
        model.get_layer(layer).set_weights([np.asarray(array) for array in arrays])

    def put_norm(layer: str, part: dict[str, Any], row: int, width: int) -> None:
        put(layer, *part["gamma_beta"][row, :, :width], *moments[layer])

    for end, width in (("stem", subnet.stem_width), ("head", subnet.head_width)):
        put(f"{end}_conv", weights[end]["kernel"][0])
        put_norm(f"{end}_bn", weights[f"{end}_bn"], 0, width)
    for block in blocks(subnet):
        layer, row = place(block)
        part = weights[layer]
        for placed in block.layers:
            own = placed.layer
            if isinstance(own, SqueezeExcite):
                squeeze, excite = part[own.name]["squeeze"], part[own.name]["excite"]
                width, squeezed = placed.width, placed.squeeze
                bias = squeeze["bias"][row, :squeezed]
                put(f"{block.name}_squeeze", squeeze["kernel"][row, :width, :squeezed], bias)
                bias = excite["bias"][row, :width]
                put(f"{block.name}_excite", excite["kernel"][row, :squeezed, :width], bias)
                continue
            name = f"{block.name}_{own.name}"
            put(f"{name}_conv", _kernel(part[own.name]["kernel"][row], placed, own))
            put_norm(f"{name}_bn", part[f"{own.name}_bn"], row, placed.width)
    put("classifier", weights["classifier"]["kernel"][0], weights["classifier"]["bias"][0])


def _kernel(stored: Any, placed: PlacedLayer, layer: Conv | Depthwise) -> Any:
    """A kernel of the plain model: the centre of the stored one, and its leading channels."""
    edge = (stored.shape[0] - layer.kernel) // 2
    centre = stored[edge : edge + layer.kernel, edge : edge + layer.kernel]
    if isinstance(layer, Depthwise):
        return centre[..., : placed.width, None]
    return centre[..., : placed.in_width, : placed.width]
