"""The accuracies that subnets inherit from the super-supernet of a variant."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import keras
import numpy as np

from scalenet_tf.config import RunConfig, SupernetConfig
from scalenet_tf.data import DataSet, open_data
from scalenet_tf.data.resize import whole_batches
from scalenet_tf.models.recalibration import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.run import Run
from scalenet_tf.space import Subnet
from scalenet_tf.training import load_supernet, train_supernet
from studies.supernet_training.study import WEIGHTS, Study
from studies.supernet_training.subnets import ENDS


def score_supernet(
    study: Study, variant: str, config: SupernetConfig, seed: int, subnets: dict[str, Subnet], folder: Path
) -> dict[str, Any]:
    """Trains the super-supernet of a variant, or continues to, and scores every subnet.

    Args:
      study: The study.
      variant: Name of the variant.
      config: Its training.
      seed: Seed of the training.
      subnets: Subnets by name.
      folder: Folder of the run.

    Returns:
      A JSON object by weights, "last" and, if the study asks for it, "average": `images`, `accuracy` by
      subnet, and `right`, the test images that the smallest, base and largest subnet classify correctly, as
      base64 of packed bits.
    """
    keras.backend.clear_session()
    run = Run.open_or_create(
        folder, RunConfig(seed=seed, space=study.space, data=study.data, supernet=config)
    )
    train_supernet(run)
    data = open_data(run)
    return {
        weights: _scores(study, load_supernet(run, averaged=averaged), data, seed, subnets)
        for weights, averaged in WEIGHTS.items()
        if not averaged or variant in study.averaged
    }


def _scores(
    study: Study, supernet: SuperSupernet, data: DataSet, seed: int, subnets: dict[str, Subnet]
) -> dict[str, Any]:
    evaluator = SubnetEvaluator(supernet)
    calibration = data.calibration_images(study.calibration_images, seed)
    accuracy, right, images = {}, {}, 0
    for name, subnet in subnets.items():
        size = study.evaluation_batch_size
        statistics = evaluator.recalibrate(subnet, whole_batches(calibration, subnet.resolution, size))
        limit = study.test_images if name in ENDS else study.ranking_images
        test = data.evaluation_batches("test", resolution=subnet.resolution, batch_size=size, limit=limit)
        hits = np.concatenate(
            [np.argmax(evaluator.logits(statistics, pixels), -1) == labels.numpy() for pixels, labels in test]
        )
        accuracy[name] = float(hits.mean())
        if name in ENDS:
            images = len(hits)
            right[name] = base64.b64encode(np.packbits(hits).tobytes()).decode()
    return {"images": images, "accuracy": accuracy, "right": right}
