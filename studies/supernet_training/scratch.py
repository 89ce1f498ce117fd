"""A subnet of the study trained from scratch."""

from __future__ import annotations

from typing import Any

from scalenet_tf.space import Subnet
from studies.common.train_from_scratch import Training
from studies.common.train_from_scratch import train_from_scratch as train
from studies.supernet_training.study import Study


def train_from_scratch(study: Study, subnet: Subnet, number: int) -> dict[str, Any]:
    """Trains one subnet with the members' recipe; its weights are drawn by (0, number)."""
    training = Training(
        images=study.scratch_images,
        batch_size=study.scratch_batch_size,
        learning_rate=study.scratch_learning_rate,
        warmup=study.warmup,
        test_images=study.test_images,
        evaluation_batch_size=study.evaluation_batch_size,
    )
    return {
        **train(study.data, training, subnet, 0, number),
        "subnet": subnet.model_dump(mode="json"),
    }
