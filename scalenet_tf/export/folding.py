"""The network for inference: each batch norm's scale is in the kernel before it, its offset a bias."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.norm import scale_and_offset
from scalenet_tf.space import Subnet
from scalenet_tf.static import build_model


class Offset(keras.layers.BatchNormalization):
    """What is left of a folded batch norm, one number a channel; runtimes fuse it into the convolution."""

    def build(self, input_shape: Any) -> None:
        self.offset = self.add_weight(name="offset", shape=(input_shape[-1],), initializer="zeros")
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        return tf.nn.bias_add(inputs, tf.convert_to_tensor(self.offset))


def folded_model(subnet: Subnet, model: keras.Model) -> keras.Model:
    """The same function as a trained model of `build_model(subnet)` has in inference, without batch norm.

    Args:
      subnet: The realised network.
      model: Its trained model, which stays as it is.
    """
    result = build_model(subnet, batch_norm=Offset)
    for layer in result.layers:
        source = model.get_layer(layer.name)
        if isinstance(layer, Offset) or not layer.weights:
            continue
        if not layer.name.endswith("_conv"):
            layer.set_weights(source.get_weights())
            continue
        norm = model.get_layer(f"{layer.name.removesuffix('_conv')}_bn")
        weights = {
            "gamma": norm.gamma.value,
            "beta": norm.beta.value,
            "mean": norm.moving_mean.value,
            "variance": norm.moving_variance.value,
        }
        factor, offset = (part.numpy() for part in scale_and_offset(weights, norm.epsilon))
        [kernel] = source.get_weights()
        # A depthwise kernel is [k, k, channels, 1]: its outputs are its third axis.
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        layer.set_weights([kernel * (factor[:, None] if depthwise else factor)])
        result.get_layer(norm.name).set_weights([offset])
    return result
