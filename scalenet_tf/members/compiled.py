"""The network of a member, compiled for training on the devices of this process."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from scalenet_tf.config import Recipe, RunConfig
from scalenet_tf.distribute.strategy import make_strategy
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.network import build_for_training
from scalenet_tf.members.plan import Plan, compile_for_training
from scalenet_tf.space import Subnet


def compiled_model(
    subnet: Subnet,
    stage: int,
    plan: Plan,
    config: RunConfig,
    steps_per_epoch: int,
    own: MemberTraining = NOTHING_OWN,
    *,
    taught: bool = False,
) -> keras.Model:
    """Builds the network of a member, and compiles it for `fit` on the devices of this process.

    If it is taught, it is compiled for a `Lesson`'s pairs; an own loss and metrics are used if there are any.

    Raises:
      ScaleNetError: If the recipe cannot be trained on these devices.
    """
    check_accumulation(config, [plan.recipe])
    with _strategy(config).scope():
        model = build_for_training(subnet, plan.recipe, config.seed, stage)
        compile_for_training(model, plan, steps_per_epoch, own, taught=taught, task=config.task)
    return model


def _strategy(config: RunConfig) -> tf.distribute.Strategy:
    # Keras' fit does not work on several workers: each trains other members, on its own devices. Members
    # that train at the same time cannot share a TPU, so "auto" does not take one here.
    name = config.strategy
    if name in ("auto", "multi_worker"):
        name = "mirrored" if len(tf.config.list_logical_devices("GPU")) > 1 else "one_device"
    return make_strategy(name, config.tpu)


def check_accumulation(config: RunConfig, recipes: Sequence[Recipe]) -> None:
    """Checks that members which train in this process can accumulate gradients on its devices.

    Args:
      config: Configuration of the run, with its strategy.
      recipes: Recipes of the members.

    Raises:
      ScaleNetError: If one accumulates, and there are several devices.
    """
    most = max(recipe.gradient_accumulation_steps for recipe in recipes)
    # Keras accumulates inside a condition, where replicas cannot sum their gradients.
    if most > 1 and _strategy(config).num_replicas_in_sync > 1:
        raise InvalidInputError(
            "`members.gradient_accumulation_steps` must be 1 on several devices: Keras cannot accumulate "
            f"there. Received: {most}. Give larger batches, members.jobs above 1, by which each member has "
            "devices of its own, or --strategy one_device."
        )
