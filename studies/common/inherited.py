"""The accuracies that subnets inherit from a super-supernet."""

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
from studies.common.scoring import Scoring


def score_supernet(config: RunConfig, folder: Path, subnets: dict[str, Subnet], scoring: Scoring) -> Item:
    """Trains a super-supernet, or continues to, and scores every subnet.

    Args:
      config: Configuration of the run.
      folder: Folder of the run.
      subnets: Subnets by name.
      scoring: The images that a score takes.

    Returns:
      A JSON object with `steps`, `epochs`, `parameters`, `training_cpu_seconds` of this process, and the
      `accuracy` of each subnet by name.
    """
    keras.backend.clear_session()
    run = Run.open_or_create(folder, config)
    begun = time.process_time()
    train_supernet(run)
    seconds = time.process_time() - begun
    data = open_data(run)
    evaluator = SubnetEvaluator(load_supernet(run))
    calibration = data.calibration_images(scoring.calibration_images, config.seed)
    accuracy = {}
    for name, subnet in subnets.items():
        batches = whole_batches(calibration, subnet.resolution, scoring.batch_size)
        measured = data.evaluation_batches(
            scoring.split,
            resolution=subnet.resolution,
            batch_size=scoring.batch_size,
            limit=scoring.images,
        )
        accuracy[name] = evaluator.accuracy(evaluator.recalibrate(subnet, batches), measured)
    weights = evaluator.supernet.trainable_variables
    steps, batch_size = config.supernet.steps, config.supernet.batch_size
    return {
        "steps": steps,
        "epochs": steps * batch_size / data.info.counts["train"],
        "parameters": sum(int(np.prod(weight.shape)) for weight in weights),
        "training_cpu_seconds": round(seconds, 1),
        "accuracy": accuracy,
    }
