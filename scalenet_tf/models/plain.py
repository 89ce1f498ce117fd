"""The plain Keras model of a subnet, which is trained as a member, exported and served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from scalenet_tf.layers.batch_norm import EPSILON
from scalenet_tf.models.layer_precision import layers_in
from scalenet_tf.space import Subnet
from scalenet_tf.space.block_layers import Depthwise, PlacedLayer, SqueezeExcite
from scalenet_tf.space.blocks import layout
from scalenet_tf.space.rules import STEM_KERNEL, padding

# Scaling of images in 0…255 by the network itself: powers of two, exact in every dtype.
INPUT_SCALE, INPUT_OFFSET = 1 / 128, -1.0


@dataclass(frozen=True)
class Library:
    """The Keras library that a network is built with.

    Attributes:
      keras: Keras 3, or an object with its names Input, Model and layers.
      activation: Makes an activation layer from (name of the activation, name of the layer).
    """

    keras: Any
    activation: Callable[[str, str], Any]


KERAS = Library(keras, lambda kind, name: keras.layers.Activation(kind, name=name))


def build_model(
    subnet: Subnet,
    *,
    batch_norm_momentum: float = 0.9,
    batch_norm: type[keras.layers.BatchNormalization] | None = None,
    library: Library = KERAS,
    dtype: str = "float32",
) -> keras.Model:
    """Builds the plain Keras model of a subnet.

    Args:
      subnet: The realised network.
      batch_norm_momentum: Momentum of the running statistics in training, 0 to 1.
      batch_norm: Class of the batch-norm layers, with the weights of the library's own. Default: that one.
      library: The Keras library.
      dtype: Keras dtype policy of the layers. Keras' policy for the whole process is not used.

    Returns:
      A functional model from float32 images [N, resolution, resolution, channels] in 0…255 to logits
      [N, classes]. Its layers have names such as stage0_block0_expand_conv.

    Example:
      >>> model = build_model(scale(space, base, Scaling.of(1, 1, 224)))
    """
    side = subnet.resolution
    with layers_in(dtype):
        inputs = library.keras.Input((side, side, subnet.channels), name="image")
        x = last_map(
            subnet, inputs, batch_norm_momentum=batch_norm_momentum, batch_norm=batch_norm, library=library
        )
        return library.keras.Model(inputs, classify(subnet, x, library=library), name="scalenet")


def last_map(
    subnet: Subnet,
    images: keras.KerasTensor,
    *,
    batch_norm_momentum: float = 0.9,
    batch_norm: type[keras.layers.BatchNormalization] | None = None,
    library: Library = KERAS,
) -> keras.KerasTensor:
    """The map before pooling, [N, h, w, head width], of images [N, H, W, channels] of any size.

    Args:
      subnet: The realised network; its resolution is not used.
      images: Input images.
      batch_norm_momentum, batch_norm, library: See `build_model`.
    """
    layers = library.keras.layers
    norm = batch_norm or layers.BatchNormalization

    def conv(x: keras.KerasTensor, width: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
        x = _pad(layers, x, kernel, stride, name)
        same = "same" if stride == 1 else "valid"
        x = layers.Conv2D(width, kernel, stride, padding=same, use_bias=False, name=f"{name}_conv")(x)
        return normalize(x, name)

    def depthwise(x: keras.KerasTensor, kernel: int, stride: int, name: str) -> keras.KerasTensor:
        x = _pad(layers, x, kernel, stride, name)
        same = "same" if stride == 1 else "valid"
        x = layers.DepthwiseConv2D(kernel, stride, padding=same, use_bias=False, name=f"{name}_conv")(x)
        return normalize(x, name)

    def normalize(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return norm(momentum=batch_norm_momentum, epsilon=EPSILON, name=f"{name}_bn")(x)

    def activation(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return library.activation(subnet.activation, f"{name}_act")(x)

    def squeeze_excite(x: keras.KerasTensor, placed: PlacedLayer, name: str) -> keras.KerasTensor:
        gate = layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)
        gate = layers.Dense(placed.squeeze, activation="relu", name=f"{name}_squeeze")(gate)
        gate = layers.Dense(placed.width, name=f"{name}_excite")(gate)
        gate = library.activation("hard_sigmoid", f"{name}_excite_act")(gate)
        gate = layers.Reshape((1, 1, placed.width), name=f"{name}_gate")(gate)
        return layers.Multiply(name=f"{name}_scale")([x, gate])

    def run(x: keras.KerasTensor, placed: PlacedLayer, block: str) -> keras.KerasTensor:
        own = placed.layer
        if isinstance(own, SqueezeExcite):
            return squeeze_excite(x, placed, block)
        name = f"{block}_{own.name}"
        if isinstance(own, Depthwise):
            x = depthwise(x, own.kernel, own.stride, name)
        else:
            x = conv(x, placed.width, own.kernel, own.stride, name)
        return activation(x, name) if own.activate else x

    parts = layout(subnet)
    x = layers.Rescaling(INPUT_SCALE, INPUT_OFFSET, name="normalization")(images)
    x = activation(conv(x, parts.stem.width, STEM_KERNEL, parts.stem.stride, "stem"), "stem")
    for block in parts.blocks:
        y = x
        for placed in block.layers:
            y = run(y, placed, block.name)
        x = layers.Add(name=f"{block.name}_add")([x, y]) if block.residual else y
        if block.op.activates_sum:
            x = activation(x, f"{block.name}_out")
    return activation(conv(x, parts.head.width, 1, 1, "head"), "head")


def classify(subnet: Subnet, x: keras.KerasTensor, *, library: Library = KERAS) -> keras.KerasTensor:
    """Pools a map of `last_map`, and returns the logits [N, classes]."""
    layers = library.keras.layers
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return layers.Dense(subnet.classes, name="classifier", dtype=keras.config.floatx())(x)


def _pad(layers: Any, x: keras.KerasTensor, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    # "same" pads k // 2 on both sides at stride 1 only.
    if stride == 1:
        return x
    return layers.ZeroPadding2D(padding(kernel), name=f"{name}_pad")(x)
