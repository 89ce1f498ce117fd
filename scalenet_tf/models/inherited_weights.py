"""Copies the weights of a subnet from the super-supernet to its plain Keras model."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from scalenet_tf.layers.row_slices import values
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetStatistics
from scalenet_tf.models.supernet import SuperSupernet, place
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
        name, op, hidden = block.name, block.op, block.hidden
        layer, row = place(block)
        part = weights[layer]
        if op.expansion > 1:
            put(f"{name}_expand_conv", part["expand"]["kernel"][row, ..., :hidden])
            put_norm(f"{name}_expand_bn", part["expand_bn"], row, hidden)
        kernel = part["depthwise"]["kernel"][row]
        edge = (kernel.shape[0] - op.kernel) // 2
        centre = kernel[edge : edge + op.kernel, edge : edge + op.kernel, :hidden, None]
        put(f"{name}_depthwise_conv", centre)
        put_norm(f"{name}_depthwise_bn", part["depthwise_bn"], row, hidden)
        if op.squeeze_excite:
            squeezed = block.squeeze
            squeeze, excite = part["squeeze_excite"]["squeeze"], part["squeeze_excite"]["excite"]
            put(
                f"{name}_squeeze", squeeze["kernel"][row, :hidden, :squeezed], squeeze["bias"][row, :squeezed]
            )
            put(f"{name}_excite", excite["kernel"][row, :squeezed, :hidden], excite["bias"][row, :hidden])
        put(f"{name}_project_conv", part["project"]["kernel"][row, :, :, :hidden])
        put_norm(f"{name}_project_bn", part["project_bn"], row, block.out_width)
    put("classifier", weights["classifier"]["kernel"][0], weights["classifier"]["bias"][0])
