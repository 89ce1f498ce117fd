"""Quantisation-aware training: a network learns while every tensor is rounded as it will be in int8."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from scalenet_tf.compress import tf_keras_layers
from scalenet_tf.compress.litert import HIGHEST, LOWEST

Q = tfmot.quantization.keras
# tfmot has no types.
_QuantizeConfig: Any = Q.QuantizeConfig
_Quantizer: Any = Q.quantizers.Quantizer
_PIECEWISE = (tf_keras.layers.ReLU,)


class NoQuantize(_QuantizeConfig):
    """Quantises neither weights nor output."""

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

    def get_config(self) -> dict[str, object]:
        return {}


class QuantizeOutput(NoQuantize):
    """Quantises the output, in a range that training measures."""

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        return [Q.quantizers.MovingAverageQuantizer(8, per_axis=False, symmetric=False, narrow_range=False)]


class UnitRange(_Quantizer):
    """Quantises to the fixed range 0 to 1 of a gate."""

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, tf.Variable]:
        return {}

    def __call__(self, inputs: tf.Tensor, training: bool, weights: Any, **_: Any) -> tf.Tensor:
        return fake_quantize(inputs, 1.0)

    def get_config(self) -> dict[str, object]:
        return {}


class QuantizeGate(NoQuantize):
    """Quantises the output, from 0 to 1."""

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        return [UnitRange()]


class PerChannel(_Quantizer):
    """Quantises a depthwise kernel in one range per channel; tfmot uses one range for the kernel."""

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, tf.Variable]:
        return {}

    def __call__(self, inputs: tf.Tensor, training: bool, weights: Any, **_: Any) -> tf.Tensor:
        height, width, channels, multiplier = inputs.shape
        kernel = tf.reshape(inputs, (height, width, 1, channels * multiplier))
        # A channel of zeros would have an empty range.
        top = tf.maximum(tf.reduce_max(tf.abs(kernel), [0, 1, 2]), 1e-6)
        kernel = tf.quantization.fake_quant_with_min_max_vars_per_channel(
            kernel, -top, top, num_bits=8, narrow_range=True
        )
        return tf.reshape(kernel, inputs.shape)

    def get_config(self) -> dict[str, object]:
        return {}


class QuantizeDepthwise(NoQuantize):
    """Quantises the kernel only, since batch norm and activation are fused with the convolution."""

    def get_weights_and_quantizers(self, layer: Any) -> list[Any]:
        return [(layer.depthwise_kernel, PerChannel())]

    def set_quantize_weights(self, layer: Any, quantize_weights: Any) -> None:
        (layer.depthwise_kernel,) = quantize_weights


class QuantizedHardSilu(tf_keras.layers.Layer):
    """Hard swish with quantised inner tensors, which the converter leaves in several operations."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x * fake_quantize(fake_quantize(tf.nn.relu6(x + 3.0), 6.0) * (1 / 6), 1.0)


class QuantizedHardSigmoid(tf_keras.layers.Layer):
    """Hard sigmoid with a quantised inner tensor."""

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
    """Makes a quantisation-aware copy of a network, to be trained and then converted.

    Args:
      model: A network of `litert.without_scaling`.
    """
    with Q.quantize_scope(SCOPE):
        annotated = tf_keras.models.clone_model(model, clone_function=lambda layer: _annotate(layer, model))
        quantized = Q.quantize_apply(annotated)
    # The range of images is known, so that one step of a pixel is one step of int8.
    (entry,) = [layer for layer in quantized.layers if type(layer).__name__ == "QuantizeLayer"]
    for weight in entry.weights:
        if weight.name.split(":")[0].endswith("_min"):
            weight.assign(LOWEST)
        elif weight.name.split(":")[0].endswith("_max"):
            weight.assign(HIGHEST)
    return quantized


class KeepWeights(tf_keras.callbacks.Callback):
    """Restores the kernels and biases of some layers after each training step; ranges are still measured.

    Setting `trainable` to False does not help: the wrapper of a layer trains it anyway.

    Args:
      network: A network of `quantization_aware`.
      names: Names of the layers before they were wrapped.
    """

    def __init__(self, network: tf_keras.Model, names: Sequence[str]) -> None:
        super().__init__()
        kept = [weight for name in names for weight in network.get_layer(f"quant_{name}").trainable_weights]
        self._kept = [(weight, weight.numpy()) for weight in kept]

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        for weight, value in self._kept:
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
    if _follows_depthwise(layer, model):
        names = {own.name for own in model.layers}
        activation = f"{layer.name.removesuffix('_bn')}_act"
        fused = activation in names and isinstance(model.get_layer(activation), _PIECEWISE)
        own = NoQuantize() if fused else QuantizeOutput()
        return Q.quantize_annotate_layer(layer, own)
    return Q.quantize_annotate_layer(layer)


def _follows_depthwise(layer: tf_keras.layers.Layer, model: tf_keras.Model) -> bool:
    if not isinstance(layer, tf_keras.layers.BatchNormalization):
        return False
    convolution = model.get_layer(f"{layer.name.removesuffix('_bn')}_conv")
    return isinstance(convolution, tf_keras.layers.DepthwiseConv2D)
