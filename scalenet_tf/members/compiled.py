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
    with _strategy(config, accumulates=plan.recipe.gradient_accumulation_steps > 1).scope():
        model = build_for_training(subnet, plan.recipe, config.seed, stage)
        compile_for_training(model, plan, steps_per_epoch, own, taught=taught, task=config.task)
    return model


def _strategy(config: RunConfig, *, accumulates: bool) -> tf.distribute.Strategy:
    gpus = len(tf.config.list_logical_devices("GPU"))
    return make_strategy(strategy_of_members(config.strategy, gpus, accumulates=accumulates))


def strategy_of_members(name: str, gpus: int, *, accumulates: bool) -> str:
    """Returns the name of the strategy that a member trains with.

    Keras' `fit` does not work on several workers, so each trains other members, on its own devices. Members
    that train at the same time cannot share a TPU, so none takes one. And Keras accumulates inside a
    condition, where replicas cannot sum their gradients.

    Args:
      name: Strategy of the configuration, which holds for the super-supernet.
      gpus: Number of GPUs of this process.
      accumulates: Whether the recipe accumulates gradients.
    """
    if name in ("one_device", "mirrored"):
        return name
    return "mirrored" if gpus > 1 and not accumulates else "one_device"


def check_accumulation(config: RunConfig, recipes: Sequence[Recipe]) -> None:
    """Checks that members can accumulate gradients on the devices of this process.

    Args:
      config: Configuration of the run, with its strategy.
      recipes: Recipes of the members.

    Raises:
      ScaleNetError: If one accumulates, and the strategy is that of several devices.
    """
    most = max(recipe.gradient_accumulation_steps for recipe in recipes)
    if most > 1 and _strategy(config, accumulates=True).num_replicas_in_sync > 1:
        raise InvalidInputError(
            "`members.gradient_accumulation_steps` must be 1 with `strategy` mirrored on several devices: "
            f"Keras cannot accumulate there. Received: {most}. Give larger batches, or --strategy auto, by "
            "which such a member trains on one device."
        )
