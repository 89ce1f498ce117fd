"""Functions to be timed: blocks and whole networks as a server runs them, with constants for weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.costs.blocks import Head, MBConv, Shape, Stem
from scalenet_tf.models.plain import build_model
from scalenet_tf.space import Subnet, SubnetStage
from scalenet_tf.space.op import Op

# Residual blocks of one shape stand behind each other, as they do in a network.
COPIES = 4
_PLAIN = Op(kernel=3, expansion=1, squeeze_excite=False)


@dataclass(frozen=True)
class Timed:
    """A traced function of one image, and how many blocks it runs.

    Attributes:
      function: A concrete function.
      image: What it is called with.
      blocks: Copies of the block in it.
    """

    function: Any
    image: tf.Tensor
    blocks: int

    def call(self) -> np.ndarray:
        """Runs it to its end."""
        answer: np.ndarray = self.function(self.image).numpy()
        return answer


def network(subnet: Subnet) -> Timed:
    """A whole network."""
    return _constant(build_model(subnet), 1)


def block(shape: Shape, activation: str, squeeze_reduction: int) -> Timed:
    """A block, cut out of a network that `static.build_model` made around it."""
    surroundings = {"activation": activation, "squeeze_reduction": squeeze_reduction}
    model = build_model(Subnet.model_validate({**_around(shape), **surroundings}))
    blocks = COPIES if isinstance(shape, MBConv) and shape.residual else 1
    begin, end = {
        Stem: ("image", "stem_act"),
        MBConv: ("stem_act", "stage0_block0_project_bn"),
        Head: ("stem_act", "classifier"),
    }[type(shape)]
    if isinstance(shape, Head) or blocks > 1:
        begin = "stage0_block0_project_bn"
    if blocks > 1:
        end = f"stage0_block{blocks}_add"
    part = keras.Model(model.get_layer(begin).output, model.get_layer(end).output)
    return _constant(part, blocks)


def nothing() -> Timed:
    """A call without a block: what it takes to enter a function and to leave it."""
    image = keras.Input((8, 8, 1))
    return _constant(keras.Model(image, keras.layers.Identity()(image)), 1)


def _around(shape: Shape) -> dict[str, Any]:
    """The network around a shape; its stem has stride 1, so the first block sees the image's size."""
    values = {"resolution": shape.size, "channels": 1, "classes": 2, "stem_stride": 1, "head_width": 1}
    if isinstance(shape, Stem):
        own = {"channels": shape.channels, "stem_width": shape.width, "stem_stride": shape.stride}
        return {**values, **own, "stages": (_stage(shape.width),)}
    if isinstance(shape, Head):
        own = {"stem_width": shape.width, "head_width": shape.head_width, "classes": shape.classes}
        return {**values, **own, "stages": (_stage(shape.width),)}
    ops = (shape.op,) * (1 + COPIES if shape.residual else 1)
    stage = SubnetStage(width=shape.out_width, stride=1 if shape.stride == 1 else 2, ops=ops)
    return {**values, "stem_width": shape.in_width, "stages": (stage,)}


def _stage(width: int) -> SubnetStage:
    return SubnetStage(width=width, stride=1, ops=(_PLAIN,))


def _constant(model: keras.Model, blocks: int) -> Timed:
    """A model with constants for weights: batch norm then folds away, as in an exported network."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # Offsets of 0 would be optimised away, which a trained network's are not.
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    trainable = [variable.numpy() for variable in model.trainable_variables]
    others = [variable.numpy() for variable in model.non_trainable_variables]

    def answer(image: tf.Tensor) -> tf.Tensor:
        weights = [[tf.constant(value) for value in values] for values in (trainable, others)]
        return model.stateless_call(*weights, image, training=False)[0]

    shape = (1, *model.input_shape[1:])
    function = tf.function(answer, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    image = tf.constant(rng.uniform(0, 1, shape).astype("float32"))
    return Timed(function, image, blocks)
