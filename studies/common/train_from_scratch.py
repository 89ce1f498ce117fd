"""Training a subnet from scratch as a plain Keras model: the accuracy that the studies compare."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import DataConfig, Recipe
from scalenet_tf.costs.macs import cost
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.plan import Plan, compile_for_training, one_hot
from scalenet_tf.models.plain import build_model
from scalenet_tf.space import Subnet
from studies.common.training import Training


@cache
def images(config: DataConfig, seed: int = 0) -> DataSet:
    """The images of a study, read once per process.

    Args:
      config: The images.
      seed: Seed of the splits.
    """
    return load_data(config, seed)


def train_from_scratch(
    data: DataConfig, training: Training, subnet: Subnet, seed: int, number: int, data_seed: int = 0
) -> dict[str, Any]:
    """Trains a network with the recipe of the members.

    Args:
      data: The images.
      training: Length and schedule.
      subnet: The network.
      seed: Seed for the order of the images.
      number: Second seed for weight initialisation, besides `seed`.
      data_seed: Seed of the splits.

    Returns:
      A JSON object with `macs`, `parameters` and `accuracy`.
    """
    keras.backend.clear_session()
    model = build_model(subnet, batch_norm=FusedBatchNormalization)
    initialize(model, seed, number)
    accuracy = train(model, subnet.resolution, data, training, seed, data_seed)
    counted = cost(subnet)
    return {"macs": counted.macs, "parameters": counted.parameters, "accuracy": accuracy}


def train(
    model: keras.Model, resolution: int, data: DataConfig, training: Training, seed: int, data_seed: int = 0
) -> float:
    """Trains a Keras model with the recipe of the members, from the weights that it has.

    Args:
      model: The model; changed in place. Its images have values in 0…255.
      resolution: Side of its images in pixels.
      data: The images.
      training: Length and schedule.
      seed: Seed for the order of the images.
      data_seed: Seed of the splits.

    Returns:
      The accuracy in [0, 1].
    """
    opened = images(data, data_seed)
    steps = training.images // training.batch_size
    recipe = Recipe(
        scratch_epochs=1,
        scratch_learning_rate=training.learning_rate,
        warmup_epochs=training.warmup,
        weight_decay=training.weight_decay,
    )
    compile_for_training(model, Plan.starting(recipe, 0, inherits=False), steps)
    batches = opened.training_batches(
        batch_size=training.batch_size,
        seed=seed,
        resolutions=np.full(steps, resolution),
        augmentation=data.augmentation,
    ).apply(tf.data.experimental.assert_cardinality(steps))
    classes = opened.info.classes
    model.fit(one_hot(batches, classes), epochs=1, shuffle=False, verbose=0)
    test = opened.evaluation_batches(
        training.split,
        resolution=resolution,
        batch_size=training.evaluation_batch_size,
        limit=training.test_images,
    )
    return float(model.evaluate(one_hot(test, classes), return_dict=True, verbose=0)["accuracy"])
