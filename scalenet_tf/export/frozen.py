"""A network as one traced function whose weights are constants of its graph."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.models.outputs import probabilities


def frozen_scorer(model: keras.Model, task: Task = Task.single_label) -> Any:
    """Probabilities of images at the network's own size, as a `tf.function` that holds no variable.

    Whatever traced function calls it holds a reference to it alone, so the weights are stored once.

    Args:
      model: Float images in 0…255 to logits.
      task: Task of the network, which decides what the logits mean.
    """
    weights = [variable.numpy() for variable in model.trainable_variables]
    others = [variable.numpy() for variable in model.non_trainable_variables]
    spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="images")

    @tf.function(input_signature=[spec])
    def score(images: tf.Tensor) -> tf.Tensor:
        constants = [[tf.constant(value) for value in values] for values in (weights, others)]
        logits, _ = model.stateless_call(*constants, images, training=False)
        return probabilities(task, logits)

    return score
