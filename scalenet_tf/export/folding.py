"""The network for inference, in fewer operations.

Each batch norm's scale is in the kernel before it, its offset a bias; so are the constants of the scaling of
images and of the gates.
"""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.layers.norm import scale_and_offset
from scalenet_tf.models.plain import INPUT_SCALE, Library, build_model
from scalenet_tf.space import Subnet
from scalenet_tf.space.block_layers import SqueezeExcite
from scalenet_tf.space.blocks import blocks


class Offset(keras.layers.BatchNormalization):
    """The rest of a folded batch norm: one offset per channel, which runtimes fuse into the convolution."""

    def build(self, input_shape: Any) -> None:
        self.offset = self.add_weight(name="offset", shape=(input_shape[-1],), initializer="zeros")
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        return tf.nn.bias_add(inputs, tf.convert_to_tensor(self.offset))


class Centre(keras.layers.Layer):
    """The scaling of images less its factor, a power of two, which the stem's kernel takes over exactly."""

    def __init__(self, scale: float, offset: float, name: str) -> None:
        super().__init__(name=name)
        self._middle = -offset / scale

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs - self._middle


class Reshape(keras.layers.Reshape):
    """Keras' own asks for the batch's size: three more operations a gate."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.reshape(inputs, (-1, *self.target_shape))


class Dense(keras.layers.Dense):
    """The same with a reshape between product and sum, which keeps TensorFlow from fusing the two.

    oneDNN's fused operation takes 6.6 µs for a gate of one image, its product 1.2 and the sum 0.6.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        product = tf.matmul(inputs, tf.convert_to_tensor(self.kernel))
        result = tf.reshape(product, (-1, 1, 1, self.units)) + tf.convert_to_tensor(self.bias)
        return tf.reshape(self.activation(result), (-1, self.units))


def _activation(kind: str, name: str) -> keras.layers.Layer:
    # A gate is relu6(x + 3) / 6: the sum is in the bias before it, the sixth in the projection behind it.
    return keras.layers.Activation("relu6" if kind == "hard_sigmoid" else kind, name=name)


def _library(**own: type[keras.layers.Layer]) -> Library:
    layers = SimpleNamespace(**{**vars(keras.layers), "Rescaling": Centre, "Reshape": Reshape, **own})
    return Library(SimpleNamespace(Input=keras.Input, Model=keras.Model, layers=layers), _activation)


PLAIN, APART = _library(), _library(Dense=Dense)


def folded_model(subnet: Subnet, model: keras.Model, *, apart: bool = False) -> keras.Model:
    """The same function as a trained model of `build_model(subnet)` has in inference, without batch norm.

    Args:
      subnet: The realised network.
      model: Trained model, which is not changed.
      apart: Keep the sums of dense layers apart from their products: for TensorFlow alone.
    """
    result = build_model(subnet, batch_norm=Offset, library=APART if apart else PLAIN)
    gated = _behind_gates(subnet)
    for layer in result.layers:
        source = model.get_layer(layer.name)
        if isinstance(layer, Offset) or not layer.weights:
            continue
        if layer.name.endswith("_excite"):
            kernel, bias = source.get_weights()
            layer.set_weights([kernel, bias + 3])
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
        if layer.name == "stem_conv":
            kernel = kernel * INPUT_SCALE
        elif layer.name in gated:
            kernel = kernel / 6
        # A depthwise kernel is [k, k, channels, 1]: its outputs are its third axis.
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        layer.set_weights([kernel * (factor[:, None] if depthwise else factor)])
        result.get_layer(norm.name).set_weights([offset])
    return result


def _behind_gates(subnet: Subnet) -> set[str]:
    """Names of the convolutions that read the output of squeeze-excite."""
    return {
        f"{block.name}_{behind.layer.name}_conv"
        for block in blocks(subnet)
        for placed, behind in itertools.pairwise(block.layers)
        if isinstance(placed.layer, SqueezeExcite)
    }
