"""A subnet as a plain Keras model, trained from scratch: what studies compare with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import DataConfig, Recipe
from scalenet_tf.costs.macs import cost
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.data.dataset import Split
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.plan import Plan, compile_for_training, one_hot
from scalenet_tf.models.plain import build_model
from scalenet_tf.space import Subnet


@cache
def images(config: DataConfig, seed: int = 0) -> DataSet:
    """The data of a study as a seed splits them, read once."""
    return load_data(config, seed)


@dataclass(frozen=True)
class Training:
    """How long and how a network is trained.

    Attributes:
      images: That run through the network.
      warmup: Of the training, 0 to 1.
      test_images: The first of `split`: the accuracy is over these.
    """

    images: int
    batch_size: int
    learning_rate: float
    warmup: float
    test_images: int
    evaluation_batch_size: int = 500
    split: Split = "test"


def train_from_scratch(
    data: DataConfig, training: Training, subnet: Subnet, seed: int, number: int, data_seed: int = 0
) -> dict[str, Any]:
    """Trains with the members' recipe.

    Args:
      seed: Of the order of the images.
      number: With the seed of the first weights.
      data_seed: Of the splits.

    Returns:
      A JSON value: multiply-adds, parameters, and the accuracy.
    """
    keras.backend.clear_session()
    opened = images(data, data_seed)
    model = build_model(subnet, batch_norm=FusedBatchNormalization)
    initialize(model, seed, number)
    steps = training.images // training.batch_size
    recipe = Recipe(
        scratch_epochs=1, scratch_learning_rate=training.learning_rate, warmup_epochs=training.warmup
    )
    compile_for_training(model, Plan.starting(recipe, number, inherits=False), steps)
    batches = opened.training_batches(
        batch_size=training.batch_size,
        seed=seed,
        resolutions=np.full(steps, subnet.resolution),
        augmentation=data.augmentation,
    ).apply(tf.data.experimental.assert_cardinality(steps))
    classes = opened.info.classes
    model.fit(one_hot(batches, classes), epochs=1, shuffle=False, verbose=0)
    test = opened.evaluation_batches(
        training.split,
        resolution=subnet.resolution,
        batch_size=training.evaluation_batch_size,
        limit=training.test_images,
    )
    accuracy = model.evaluate(one_hot(test, classes), return_dict=True, verbose=0)["accuracy"]
    counted = cost(subnet)
    return {"macs": counted.macs, "parameters": counted.parameters, "accuracy": float(accuracy)}
