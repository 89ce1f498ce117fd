"""Finalists of a joint search: trained shortly from the super-supernet's weights, to choose the family."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from scalenet_tf.data import DataSet
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.members.initial_weights import copy_recalibrated_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.search.finalists import choose_finalists
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import Evaluation
from scalenet_tf.space import Subnet
from studies.families.best_family import member
from studies.families.budget import trained_images
from studies.families.study import Study


def confirm(
    study: Study,
    problem: SearchProblem,
    chain: Mcea,
    supernet: SuperSupernet,
    data: DataSet,
    best: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], int]:
    """Trains the networks of the product's finalists, each once, and chooses the family by their mean.

    Args:
      study: The study.
      problem: The search.
      chain: Its chain, stopped by the budget.
      supernet: Super-supernet that the networks take their weights from.
      data: Its images.
      best: The best family by inherited scores, for a chain with no whole state.

    Returns:
      The members as `BestFamily.best`, and the multiply-adds that were spent.
    """
    trained: dict[str, float] = {}
    families, spent = [], 0
    for finalist in choose_finalists(problem, chain, study.finalists):
        family = []
        for stage, scaling in enumerate(finalist.state.scalings):
            base, macs = finalist.state.base, finalist.state.macs[stage]
            evaluation = Evaluation(0, stage, base, scaling, problem.space, macs)
            subnet = evaluation.subnet
            if subnet.key not in trained:
                trained[subnet.key] = _train(study, subnet, supernet, data, problem.seed)
                spent += macs * trained_images(study.finalist_images, study.trained_validation_images)
            family.append(member(stage, trained[subnet.key], evaluation))
        families.append(family)
    if not families:
        return best, 0
    return max(families, key=lambda family: float(np.mean([one["score"] for one in family]))), spent


def _train(study: Study, subnet: Subnet, supernet: SuperSupernet, data: DataSet, seed: int) -> float:
    from studies.common.train_from_scratch import train

    keras.backend.clear_session()
    model = build_model(subnet, batch_norm=FusedBatchNormalization)
    images = data.calibration_images(study.calibration_images, seed)
    copy_recalibrated_weights(supernet, model, subnet, images, study.scoring_batch_size)
    training = study.short_training(study.finalist_images, study.finalist_learning_rate)
    return train(model, subnet.resolution, study.images_config, training, seed, data_seed=seed)
