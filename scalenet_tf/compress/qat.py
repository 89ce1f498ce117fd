"""Quantisation-aware training: every tensor of a network learns with the range that it will have in int8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from scalenet_tf.compress import tf_keras_layers
from scalenet_tf.compress.litert import HIGHEST, LOWEST

Q = tfmot.quantization.keras
# Named as Any: tfmot has no types.
_QuantizeConfig: Any = Q.QuantizeConfig
_Quantizer: Any = Q.quantizers.Quantizer
_PIECEWISE = (tf_keras.layers.ReLU,)


class NoQuantize(_QuantizeConfig):
    """Neither weights nor output."""

    def get_weights_and_quantizers(self, layer: Any) -> list[Any]:
        return []

    def get_activations_and_quantizers(self, layer: Any) -> list[Any]:
        return []

    def set_quantize_weights(self, layer: Any, quantize_weights: Any) -> None:
        pass

    def set_quantize_activations(self, layer: Any, quantize_activations: Any) -> None:
        pass

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        return []

    def get_config(self) -> dict[str, Any]:
        return {}


class QuantizeOutput(NoQuantize):
    """The output, in the range that training measures."""

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        return [Q.quantizers.MovingAverageQuantizer(8, per_axis=False, symmetric=False, narrow_range=False)]


class UnitRange(_Quantizer):
    """The fixed range 0 to 1 of a gate."""

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, Any]:
        return {}

    def __call__(self, inputs: tf.Tensor, training: bool, weights: Any, **_: Any) -> tf.Tensor:
        return fake_quantize(inputs, 1.0)

    def get_config(self) -> dict[str, Any]:
        return {}


class QuantizeGate(NoQuantize):
    """The output, from 0 to 1."""

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        return [UnitRange()]


class PerChannel(_Quantizer):
    """A range for each channel of a depthwise kernel; tfmot gives the kernel one."""

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, Any]:
        return {}

    def __call__(self, inputs: tf.Tensor, training: bool, weights: Any, **_: Any) -> tf.Tensor:
        height, width, channels, multiplier = inputs.shape
        kernel = tf.reshape(inputs, (height, width, 1, channels * multiplier))
        # Never empty: a channel of zeros has no range of its own.
        top = tf.maximum(tf.reduce_max(tf.abs(kernel), [0, 1, 2]), 1e-6)
        kernel = tf.quantization.fake_quant_with_min_max_vars_per_channel(
            kernel, -top, top, num_bits=8, narrow_range=True
        )
        return tf.reshape(kernel, inputs.shape)

    def get_config(self) -> dict[str, Any]:
        return {}


class QuantizeDepthwise(NoQuantize):
    """The kernel alone: batch norm and activation follow, and one operation is made of the three."""

    def get_weights_and_quantizers(self, layer: Any) -> list[Any]:
        return [(layer.depthwise_kernel, PerChannel())]

    def set_quantize_weights(self, layer: Any, quantize_weights: Any) -> None:
        (layer.depthwise_kernel,) = quantize_weights


class QuantizedHardSilu(tf_keras.layers.Layer):
    """Hard swish whose inner tensors have ranges too; a converter leaves it in several operations."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * fake_quantize(fake_quantize(tf.nn.relu6(x + 3.0), 6.0) * (1 / 6), 1.0)


class QuantizedHardSigmoid(tf_keras.layers.Layer):
    """Hard sigmoid whose inner tensor has a range too."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return fake_quantize(tf.nn.relu6(x + 3.0), 6.0) * (1 / 6)


def fake_quantize(x: tf.Tensor, top: float) -> tf.Tensor:
    """Rounds to the 256 values of the range 0 to `top`."""
    return tf.quantization.fake_quant_with_min_max_args(x, 0.0, top, 8)


SCOPE = {
    kind.__name__: kind
    for kind in (
        *(NoQuantize, QuantizeOutput, UnitRange, QuantizeGate, PerChannel, QuantizeDepthwise),
        *(QuantizedHardSilu, QuantizedHardSigmoid, tf_keras_layers.Reshape),
    )
}


def quantization_aware(model: tf_keras.Model) -> tf_keras.Model:
    """A copy of a network that takes scaled images, to be trained and then converted.

    Args:
      model: What `litert.without_scaling` leaves of a twin.
    """
    with Q.quantize_scope(SCOPE):
        annotated = tf_keras.models.clone_model(model, clone_function=lambda layer: _annotate(layer, model))
        quantized = Q.quantize_apply(annotated)
    # The range of images is known: a step of a pixel is a step of int8.
    (entry,) = [layer for layer in quantized.layers if type(layer).__name__ == "QuantizeLayer"]
    for weight in entry.weights:
        if weight.name.split(":")[0].endswith("_min"):
            weight.assign(LOWEST)
        elif weight.name.split(":")[0].endswith("_max"):
            weight.assign(HIGHEST)
    return quantized


class Held(tf_keras.callbacks.Callback):
    """Puts the kernels and biases of some layers back after each step of training; ranges are still measured.

    A layer that is not trainable would not do: its wrapper trains it all the same.

    Args:
      network: Of `quantization_aware`.
      names: Of its layers, as they were called before.
    """

    def __init__(self, network: tf_keras.Model, names: Sequence[str]) -> None:
        super().__init__()
        held = [weight for name in names for weight in network.get_layer(f"quant_{name}").trainable_weights]
        self._held = [(weight, weight.numpy()) for weight in held]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        for weight, value in self._held:
            weight.assign(value)


def _annotate(layer: tf_keras.layers.Layer, model: tf_keras.Model) -> tf_keras.layers.Layer:
    if isinstance(layer, tf_keras_layers.HardSilu):
        return Q.quantize_annotate_layer(QuantizedHardSilu(name=layer.name), QuantizeOutput())
    if isinstance(layer, tf_keras_layers.HardSigmoid):
        return Q.quantize_annotate_layer(QuantizedHardSigmoid(name=layer.name), QuantizeGate())
    if isinstance(layer, tf_keras.layers.Multiply):
        return Q.quantize_annotate_layer(layer, QuantizeOutput())
    if isinstance(layer, tf_keras_layers.Reshape):
        return Q.quantize_annotate_layer(layer, NoQuantize())
    if isinstance(layer, tf_keras.layers.DepthwiseConv2D):
        return Q.quantize_annotate_layer(layer, QuantizeDepthwise())
    if layer.name.endswith("_depthwise_bn"):
        activation = model.get_layer(layer.name.removesuffix("_bn") + "_act")
        own = NoQuantize() if isinstance(activation, _PIECEWISE) else QuantizeOutput()
        return Q.quantize_annotate_layer(layer, own)
    return Q.quantize_annotate_layer(layer)
