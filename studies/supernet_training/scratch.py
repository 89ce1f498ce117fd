"""Training a subnet of the study from scratch."""

from __future__ import annotations

from typing import Any

from scalenet_tf.space import Subnet
from studies.common.train_from_scratch import train_from_scratch
from studies.common.training import Training
from studies.supernet_training.study import Study


def train_subnet(study: Study, subnet: Subnet, number: int) -> dict[str, Any]:
    """Trains a subnet.

    Args:
      study: The study.
      subnet: The subnet.
      number: Seed for weight initialisation.

    Returns:
      A JSON object with `macs`, `parameters`, `accuracy` and `subnet`.
    """
    training = Training(
        images=study.scratch_images,
        batch_size=study.scratch_batch_size,
        learning_rate=study.scratch_learning_rate,
        warmup=study.warmup,
        test_images=study.test_images,
        evaluation_batch_size=study.evaluation_batch_size,
    )
    return {
        **train_from_scratch(study.data, training, subnet, 0, number),
        "subnet": subnet.model_dump(mode="json"),
    }
