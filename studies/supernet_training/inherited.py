"""The accuracies that subnets inherit from the super-supernet of a variant."""

from __future__ import annotations

import time
from pathlib import Path

import keras
import numpy as np

from scalenet_tf.config import RunConfig
from scalenet_tf.data import open_data
from scalenet_tf.data.resize import whole_batches
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.run import Run
from scalenet_tf.space import Subnet
from scalenet_tf.training import load_supernet, train_supernet
from studies.common.items import Item
from studies.supernet_training.study import Study


def score_supernet(study: Study, variant: str, seed: int, subnets: dict[str, Subnet], folder: Path) -> Item:
    """Trains the super-supernet of a variant, or continues to, and scores every subnet.

    Args:
      study: The study.
      variant: Name of the variant.
      seed: Seed of the training.
      subnets: Subnets by name.
      folder: Folder of the run.

    Returns:
      A JSON object with `steps`, `parameters`, `training_cpu_seconds` of this process, and the `accuracy` of
      each subnet by name.
    """
    keras.backend.clear_session()
    config = study.supernet(variant)
    run = Run.open_or_create(
        folder, RunConfig(seed=seed, space=study.space, data=study.data, supernet=config)
    )
    begun = time.process_time()
    train_supernet(run)
    seconds = time.process_time() - begun
    data = open_data(run)
    evaluator = SubnetEvaluator(load_supernet(run))
    calibration, size = data.calibration_images(study.calibration_images, seed), study.evaluation_batch_size
    accuracy = {}
    for name, subnet in subnets.items():
        statistics = evaluator.recalibrate(subnet, whole_batches(calibration, subnet.resolution, size))
        test = data.evaluation_batches(
            "test", resolution=subnet.resolution, batch_size=size, limit=study.test_images
        )
        accuracy[name] = evaluator.accuracy(statistics, test)
    weights = evaluator.supernet.trainable_variables
    return {
        "steps": config.steps,
        "parameters": sum(int(np.prod(weight.shape)) for weight in weights),
        "training_cpu_seconds": round(seconds, 1),
        "accuracy": accuracy,
    }
