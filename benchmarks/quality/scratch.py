"""A subnet as a plain Keras model, trained from scratch."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from quality.study import Study
from scalenet_tf.config import DataConfig
from scalenet_tf.cost import cost
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.members.recipe import Plan, compile_for_training, one_hot
from scalenet_tf.members.start import initialize
from scalenet_tf.recipes import Recipe
from scalenet_tf.space import Subnet
from scalenet_tf.static import build_model


@cache
def images(config: DataConfig) -> DataSet:
    """The data of a study, read once."""
    return load_data(config, seed=0)


def train_from_scratch(study: Study, subnet: Subnet, number: int) -> dict[str, Any]:
    """Trains one subnet with the members' recipe; its weights are drawn by (0, number)."""
    keras.backend.clear_session()
    data = images(study.data)
    model = build_model(subnet, batch_norm=FusedBatchNormalization)
    initialize(model, 0, number)
    steps = study.scratch_images // study.scratch_batch_size
    recipe = Recipe(
        scratch_epochs=1, scratch_learning_rate=study.scratch_learning_rate, warmup_epochs=study.warmup
    )
    compile_for_training(model, Plan.starting(recipe, number, inherits=False), steps)
    batches = data.training_batches(
        batch_size=study.scratch_batch_size,
        seed=0,
        resolutions=np.full(steps, subnet.resolution),
        augmentation=study.data.augmentation,
    )
    batches = batches.apply(tf.data.experimental.assert_cardinality(steps))
    model.fit(one_hot(batches, data.info.classes), epochs=1, shuffle=False, verbose=0)
    test = data.evaluation_batches(
        "test",
        resolution=subnet.resolution,
        batch_size=study.evaluation_batch_size,
        limit=study.test_images,
    )
    accuracy = model.evaluate(one_hot(test, data.info.classes), return_dict=True, verbose=0)["accuracy"]
    return {
        "macs": cost(subnet).macs,
        "accuracy": float(accuracy),
        "subnet": subnet.model_dump(mode="json"),
    }
