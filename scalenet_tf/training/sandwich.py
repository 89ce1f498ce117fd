"""The updates of one training step: the drawn subnet's alone, or those of a sandwich around it.

The subnets of a step are updated one after the other, the largest first, each with the step's images at its
own resolution and the step's learning rate. Summing their gradients would need a program for each combination
of shapes. This way one program serves every subnet, and a second one if the largest teaches the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import tensorflow as tf

from scalenet_tf.models.subnet_code import SubnetCode, encode_subnet
from scalenet_tf.sampling import Draw, trained_subnets
from scalenet_tf.space import Subnet
from scalenet_tf.training.loss import soft_labels
from scalenet_tf.training.train_step import (
    StepParts,
    StepResult,
    local_result,
    make_train_step,
    make_update,
    on_replicas,
    result_alone,
)

DrawStep = Callable[[Any, Any, Draw, tf.Tensor], StepResult]
# (images, labels, codes, learning_rate) -> results; images, codes and results are lists over subnets.
_Updates = Callable[[Any, Any, list[SubnetCode], tf.Tensor], list[StepResult]]


def make_draw_step(parts: StepParts, batch_spec: tuple[Any, Any]) -> DrawStep:
    """Builds the training step for a draw.

    Args:
      parts: Parts of the step; `sandwich` and `distillation` of its config decide which subnets are updated.
      batch_spec: Element spec of the distributed batches. With a sandwich, images are a tuple at the
        resolutions from `draw_resolutions`.

    Returns:
      A function (images, labels, draw, learning_rate) -> StepResult, with loss and correct images of the
      drawn subnet and the mean norm of the gradients of all updates.
    """
    space, config = parts.supernet.space, parts.config

    def encode(draw: Draw, subnet: Subnet) -> SubnetCode:
        code = encode_subnet(space, subnet)
        # Leading and trailing channels in turn, so that a channel's position does not decide how often it is
        # trained.
        return code._replace(trailing=tf.constant(draw.step % 2)) if config.bilateral_coupling else code

    if config.sandwich is None:
        train = make_train_step(parts, batch_spec)
        return lambda images, labels, draw, rate: train(images, labels, encode(draw, draw.subnet), rate)
    images_spec, labels_spec = batch_spec
    make_updates = _distilled if config.distillation else _plain
    updates = make_updates(parts, (images_spec[0], labels_spec))

    def step(images: Any, labels: Any, draw: Draw, rate: tf.Tensor) -> StepResult:
        subnets = trained_subnets(space, draw, config.sandwich)
        results = updates(images, labels, [encode(draw, subnet) for subnet in subnets], rate)
        # The mean of all norms is not finite if any of them is not.
        norm = tf.add_n([result.gradient_norm for result in results]) / len(results)
        _, drawn, _ = results
        return StepResult(drawn.loss, drawn.correct, norm)

    return step


def _plain(parts: StepParts, batch_spec: tuple[Any, Any]) -> _Updates:
    """Updates in which every subnet learns from the labels."""
    train = make_train_step(parts, batch_spec)
    return lambda images, labels, codes, rate: [
        train(own, labels, code, rate) for own, code in zip(images, codes, strict=True)
    ]


def _distilled(parts: StepParts, batch_spec: tuple[Any, Any]) -> _Updates:
    """Updates in which the first subnet learns from the labels, and the others from its soft labels."""
    update = make_update(parts)

    def taught(*arguments: tf.Tensor) -> tuple[StepResult, tf.Tensor]:
        result, logits = update(*arguments)
        return result, soft_labels(parts.task, logits)

    def taught_locally(outcome: tuple[StepResult, Any]) -> tuple[StepResult, Any]:
        result, soft = outcome
        return local_result(parts.strategy, result), soft

    local = partial(local_result, parts.strategy)
    teach = on_replicas(taught, parts, *batch_spec, finish=taught_locally)

    # The strategy decides whether soft labels are a tensor or a tensor for each replica.
    @cache
    def learning(soft_spec: Any) -> Callable[..., StepResult]:
        return on_replicas(result_alone(update), parts, *batch_spec, soft_spec, finish=local)

    def updates(images: Any, labels: Any, codes: list[SubnetCode], rate: tf.Tensor) -> list[StepResult]:
        result, soft = teach(images[0], labels, codes[0], rate)
        learn = learning(tf.type_spec_from_value(soft))
        smaller = zip(images[1:], codes[1:], strict=True)
        return [result, *(learn(own, labels, code, rate, soft) for own, code in smaller)]

    return updates
