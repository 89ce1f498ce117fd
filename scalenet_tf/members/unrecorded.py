"""Training of a network like a member, of which nothing is written."""

from __future__ import annotations

import keras
from rich.console import Console

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet
from scalenet_tf.members.checkpoint import TrainingProgress
from scalenet_tf.members.compiled import compiled_model
from scalenet_tf.members.fit import final_weights, fit
from scalenet_tf.members.initial_weights import copy_recalibrated_weights, initialize
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.plan import Plan
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.models.weights import set_weights
from scalenet_tf.space import Subnet


def train_unrecorded(
    name: str,
    subnet: Subnet,
    stage: int,
    plan: Plan,
    config: RunConfig,
    data: DataSet,
    supernet: SuperSupernet,
    own: MemberTraining = NOTHING_OWN,
) -> keras.Model:
    """Trains a subnet by the plan of a member.

    Args:
      name: Name of the training in messages.
      subnet: The subnet.
      stage: Scaling stage of the subnet.
      plan: The plan.
      config: Configuration of the run: seed, augmentation, images that recalibrate batch norm, devices.
      data: Training and validation images.
      supernet: Super-supernet that a plan that inherits takes the initial weights from.
      own: Own loss and augmentation; Keras callbacks are not called.

    Returns:
      The plain network with the weights of the training's end, or of its best epoch.

    Raises:
      ScaleNetError: If training diverges.
    """
    model = compiled_model(subnet, stage, plan, config, epoch_steps(data, plan.recipe), own)
    if plan.inherits:
        search = config.search
        images = data.calibration_images(search.recalibration_images, config.seed)
        copy_recalibrated_weights(supernet, model, subnet, images, search.batch_size)
    else:
        initialize(model, config.seed, stage)
    # The caller has a bar of its own; without a terminal, each epoch has a line.
    progress = fit(
        *(name, data, model, plan, config, TrainingProgress(), None),
        own=own,
        console=Console(quiet=True),
    )
    trained = build_model(subnet)
    set_weights(trained, final_weights(model, progress))
    return trained
