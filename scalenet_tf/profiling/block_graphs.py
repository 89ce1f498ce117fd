"""The functions that are timed: blocks and whole networks, with constants for weights as on a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.models.plain import build_model
from scalenet_tf.space import Subnet, SubnetStage
from scalenet_tf.space.blocks import Block, Head, Part, Stem
from scalenet_tf.space.blocks import blocks as placed_blocks
from scalenet_tf.space.op import Op

# Residual blocks of one shape follow each other, as they do in a network.
COPIES = 4
_PLAIN = Op(kernel=3, expansion=1, squeeze_excite=False)


@dataclass(frozen=True)
class Timed:
    """A traced function of one image, and how many blocks it runs.

    Attributes:
      function: The concrete function.
      image: float32 [1, H, W, C], its argument.
      blocks: Number of copies of the block in it.
    """

    function: Any
    image: tf.Tensor
    blocks: int

    def call(self) -> np.ndarray:
        """Runs it and waits for its output."""
        output: np.ndarray = self.function(self.image).numpy()
        return output


def network(subnet: Subnet) -> Timed:
    """A whole network."""
    return _constant(build_model(subnet), 1)


def cut_out(part: Part, activation: str, squeeze_reduction: int) -> Timed:
    """A stem, a block or a head, cut out of a network that `build_model` made around it.

    Args:
      part: The part; only its shape matters.
      activation: The activation of the space.
      squeeze_reduction: The squeeze reduction of the space.
    """
    surroundings = {"activation": activation, "squeeze_reduction": squeeze_reduction}
    subnet = Subnet.model_validate({**_around(part), **surroundings})
    model = build_model(subnet)
    blocks = COPIES if isinstance(part, Block) and part.residual else 1
    inner = placed_blocks(subnet)
    begin, end = {
        Stem: ("image", "stem_act"),
        Block: ("stem_act", inner[-1].output),
        Head: ("stem_act", "classifier"),
    }[type(part)]
    if isinstance(part, Head) or blocks > 1:
        begin = inner[0].output
    cut = keras.Model(model.get_layer(begin).output, model.get_layer(end).output)
    return _constant(cut, blocks)


def nothing() -> Timed:
    """A function without a block, to measure the overhead of a call."""
    image = keras.Input((8, 8, 1))
    return _constant(keras.Model(image, keras.layers.Identity()(image)), 1)


def _around(part: Part) -> dict[str, object]:
    """The network around a part; its stem has stride 1, so the first block's input has the image's size."""
    values = {"resolution": part.size, "channels": 1, "classes": 2, "stem_stride": 1, "head_width": 1}
    if isinstance(part, Stem):
        own = {"channels": part.channels, "stem_width": part.width, "stem_stride": part.stride}
        return {**values, **own, "stages": (_stage(part.width),)}
    if isinstance(part, Head):
        own = {"stem_width": part.in_width, "head_width": part.width, "classes": part.classes}
        return {**values, **own, "stages": (_stage(part.in_width),)}
    ops = (part.op,) * (1 + COPIES if part.residual else 1)
    stage = SubnetStage(width=part.out_width, stride=1 if part.stride == 1 else 2, ops=ops)
    return {**values, "stem_width": part.in_width, "stages": (stage,)}


def _stage(width: int) -> SubnetStage:
    return SubnetStage(width=width, stride=1, ops=(_PLAIN,))


def _constant(model: keras.Model, blocks: int) -> Timed:
    """A model with constants for weights, so that batch norm folds away as in an exported network."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # Offsets of 0 would be optimised away; a trained network's are not.
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    trainable = [variable.numpy() for variable in model.trainable_variables]
    others = [variable.numpy() for variable in model.non_trainable_variables]

    def output(image: tf.Tensor) -> tf.Tensor:
        weights = [[tf.constant(value) for value in values] for values in (trainable, others)]
        return model.stateless_call(*weights, image, training=False)[0]

    shape = (1, *model.input_shape[1:])
    function = tf.function(output, autograph=False).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    image = tf.constant(rng.uniform(0, 1, shape).astype("float32"))
    return Timed(function, image, blocks)
