"""The plain Keras model of a subnet: what is trained, exported and served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras

from scalenet_tf.activations import ACTIVATIONS
from scalenet_tf.cost import STEM_KERNEL
from scalenet_tf.rules import hidden_width, padding, squeeze_width
from scalenet_tf.space import Op, Subnet

EPSILON = 1e-5
# The network's own first act, since images come in 0…255: powers of two, exact in every dtype.
INPUT_SCALE, INPUT_OFFSET = 1 / 128, -1.0


@dataclass(frozen=True)
class Block:
    """A block of a subnet.

    Attributes:
      name: Prefix of the names of its layers.
      stage: Its stage, from 0.
      index: Its place in the stage, from 0.
      op: Its op.
      hidden: Channels inside.
      width: Channels out.
    """

    name: str
    stage: int
    index: int
    op: Op
    hidden: int
    width: int


def blocks(subnet: Subnet) -> Iterator[Block]:
    """Every block, from the input on."""
    in_width = subnet.stem_width
    for s, stage in enumerate(subnet.stages):
        for b, op in enumerate(stage.ops):
            hidden = hidden_width(in_width, op.expansion)
            yield Block(f"stage{s}_block{b}", s, b, op, hidden, stage.width)
            in_width = stage.width


def build_model(
    subnet: Subnet,
    *,
    batch_norm_momentum: float = 0.9,
    batch_norm: type[keras.layers.BatchNormalization] = keras.layers.BatchNormalization,
) -> keras.Model:
    """Builds the plain Keras model of a subnet.

    Args:
      subnet: The realised network.
      batch_norm_momentum: Of the running statistics in training, 0 to 1.
      batch_norm: The layer that normalises, Keras' own or one with the same weights.

    Returns:
      A functional model: float32 images [N, resolution, resolution, channels] in 0…255 to logits
      [N, classes]. Layers are named stage0_block0_expand_conv and the like.

    Example:
      >>> model = build_model(scale(space, base, Scaling.of(1, 1, 224)))
    """
    side = subnet.resolution
    inputs = keras.Input((side, side, subnet.channels), name="image")
    x = last_map(subnet, inputs, batch_norm_momentum=batch_norm_momentum, batch_norm=batch_norm)
    return keras.Model(inputs, classify(subnet, x), name="scalenet")


def last_map(
    subnet: Subnet,
    images: keras.KerasTensor,
    *,
    batch_norm_momentum: float = 0.9,
    batch_norm: type[keras.layers.BatchNormalization] = keras.layers.BatchNormalization,
) -> keras.KerasTensor:
    """What the classifier pools, [N, h, w, head width], of images [N, H, W, channels] with any sides."""

    def conv(x: keras.KerasTensor, width: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
        x = _pad(x, kernel, stride, name)
        same = "same" if stride == 1 else "valid"
        x = keras.layers.Conv2D(width, kernel, stride, padding=same, use_bias=False, name=f"{name}_conv")(x)
        return normalize(x, name)

    def depthwise(x: keras.KerasTensor, kernel: int, stride: int, name: str) -> keras.KerasTensor:
        x = _pad(x, kernel, stride, name)
        same = "same" if stride == 1 else "valid"
        x = keras.layers.DepthwiseConv2D(kernel, stride, padding=same, use_bias=False, name=f"{name}_conv")(x)
        return normalize(x, name)

    def normalize(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return batch_norm(momentum=batch_norm_momentum, epsilon=EPSILON, name=f"{name}_bn")(x)

    def activation(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return keras.layers.Activation(ACTIVATIONS[subnet.activation], name=f"{name}_act")(x)

    def squeeze_excite(x: keras.KerasTensor, hidden: int, name: str) -> keras.KerasTensor:
        squeeze = squeeze_width(hidden, subnet.squeeze_reduction)
        gate = keras.layers.GlobalAveragePooling2D(name=f"{name}_pool")(x)
        gate = keras.layers.Dense(squeeze, activation="relu", name=f"{name}_squeeze")(gate)
        gate = keras.layers.Dense(hidden, activation="hard_sigmoid", name=f"{name}_excite")(gate)
        gate = keras.layers.Reshape((1, 1, hidden), name=f"{name}_gate")(gate)
        return keras.layers.Multiply(name=f"{name}_scale")([x, gate])

    def mbconv(x: keras.KerasTensor, block: Block, stride: int) -> keras.KerasTensor:
        name, op, hidden = block.name, block.op, block.hidden
        if op.expansion > 1:
            x = activation(conv(x, hidden, 1, 1, f"{name}_expand"), f"{name}_expand")
        x = activation(depthwise(x, op.kernel, stride, f"{name}_depthwise"), f"{name}_depthwise")
        if op.squeeze_excite:
            x = squeeze_excite(x, hidden, name)
        return conv(x, block.width, 1, 1, f"{name}_project")

    x = keras.layers.Rescaling(INPUT_SCALE, INPUT_OFFSET, name="normalization")(images)
    x = activation(conv(x, subnet.stem_width, STEM_KERNEL, subnet.stem_stride, "stem"), "stem")
    for block in blocks(subnet):
        if block.index == 0:
            x = mbconv(x, block, subnet.stages[block.stage].stride)
        else:
            x = keras.layers.Add(name=f"{block.name}_add")([x, mbconv(x, block, 1)])
    return activation(conv(x, subnet.head_width, 1, 1, "head"), "head")


def classify(subnet: Subnet, x: keras.KerasTensor) -> keras.KerasTensor:
    """Logits [N, classes] of a last map."""
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.layers.Dense(subnet.classes, name="classifier", dtype=keras.config.floatx())(x)


def _pad(x: keras.KerasTensor, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    # SAME equals k // 2 on both sides at stride 1 only.
    if stride == 1:
        return x
    return keras.layers.ZeroPadding2D(padding(kernel), name=f"{name}_pad")(x)
