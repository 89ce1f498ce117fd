"""One training step of the super-supernet, with one trace for all subnets or one program per static shape."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf

from scalenet_tf.config import SupernetConfig, Task
from scalenet_tf.distribute.replicas import Replicas
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.row_slices import flatten, values
from scalenet_tf.models.subnet_code import SubnetCode
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.training.ema import WeightAverage
from scalenet_tf.training.gradient_sum import all_reduce, sum_gradients
from scalenet_tf.training.loss import batch_score, cross_entropy, smooth_labels
from scalenet_tf.training.loss_scale import LossScale
from scalenet_tf.training.optimizer import SlicedSGD
from scalenet_tf.training.static_programs import StaticPrograms, wants_static_shapes

logger = logging.getLogger(__name__)


class StepResult(NamedTuple):
    """Result of a step over all replicas.

    Attributes:
      loss: Mean loss of the batch, [].
      correct: Number of correctly classified images, []; for multi_label, the mean average precision of each
        replica's images times their number.
      gradient_norm: Global norm of the gradients before clipping, [].
    """

    loss: tf.Tensor
    correct: tf.Tensor
    gradient_norm: tf.Tensor


TrainStep = Callable[[Any, Any, SubnetCode, tf.Tensor], StepResult]
# Runs on one replica: (images, labels, code, learning_rate, soft_labels=None) -> (result, logits).
Update = Callable[..., tuple[StepResult, tf.Tensor]]


@dataclass(frozen=True)
class StepParts:
    """Everything that a training step needs.

    Attributes:
      supernet: Super-supernet, created in the strategy's scope.
      optimizer: Optimizer of its weights.
      strategy: Strategy whose replicas share each batch.
      config: Batch size over all replicas, label smoothing, clipping, sandwich and distillation.
      average: Moving average of the weights, updated after each update of them.
      loss_scale: Loss scale for float16, created in the strategy's scope; None for no scaling.
      static: Whether to compile a program per static shape. Default: if the strategy's devices need it.
      say: Called with a message before such a program is compiled.
      task: Task, which decides the loss and `correct`.
    """

    supernet: SuperSupernet
    optimizer: SlicedSGD
    strategy: tf.distribute.Strategy
    config: SupernetConfig
    average: WeightAverage | None = None
    loss_scale: LossScale | None = None
    static: bool | None = None
    say: Callable[[str], None] = logger.info
    task: Task = Task.single_label


def make_optimizer(supernet: SuperSupernet, config: SupernetConfig) -> SlicedSGD:
    """Makes the optimizer of the paper, in which convolutions decay doubly and batch norm not at all."""
    decay = config.weight_decay
    return SlicedSGD(
        supernet.trainable_variables,
        config.momentum,
        {"conv": decay * config.conv_decay_factor, "dense": decay, "bias": decay},
    )


def make_update(parts: StepParts) -> Update:
    """Builds the update that each replica runs: takes gradients of a subnet's slices, sums and applies them.

    Args:
      parts: Parts of the step.

    Returns:
      A function (images, labels, code, learning_rate, soft_labels=None) -> (StepResult, logits). The loss
      reported is always that of the labels.
    """
    supernet, config, loss_scale, task = parts.supernet, parts.config, parts.loss_scale, parts.task
    classes = supernet.space.classes
    all_replicas = Replicas.of(parts.strategy)

    def update(
        images: tf.Tensor,
        labels: tf.Tensor,
        code: SubnetCode,
        rate: tf.Tensor,
        soft_labels: tf.Tensor | None = None,
    ) -> tuple[StepResult, tf.Tensor]:
        replicas = all_replicas.traced()
        selection = supernet.select(code)
        slices = flatten(selection)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([part.values for part in slices])
            logits, _ = supernet.compute(images, code, values(selection), replicas=replicas)
            targets = smooth_labels(task, labels, classes, config.label_smoothing, logits.dtype)
            label_loss = cross_entropy(task, targets, logits) / config.batch_size
            loss = label_loss
            if soft_labels is not None:
                loss = cross_entropy(task, soft_labels, logits) / config.batch_size
            if loss_scale is not None:
                loss = loss_scale.scale(loss)
        gradients = tape.gradient(
            loss, [part.values for part in slices], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        correct = tf.cast(batch_score(task, labels, logits), loss.dtype)
        if parts.strategy.num_replicas_in_sync > 1:
            gradients = sum_gradients(slices, gradients, code.static)
            label_loss, correct = all_reduce([label_loss, correct])
        if loss_scale is not None:
            gradients = loss_scale.unscale(gradients)
        if config.clip_norm:
            gradients, norm = tf.clip_by_global_norm(gradients, config.clip_norm)
        else:
            norm = tf.linalg.global_norm(gradients)

        def move() -> None:
            parts.optimizer.apply(slices, gradients, rate)
            if parts.average is not None:
                parts.average.update(slices)

        if loss_scale is None:
            move()
        else:
            norm = loss_scale.guard(norm, move)
        return StepResult(label_loss, correct, norm), logits

    return update


def on_replicas(
    function: Callable[..., Any], parts: StepParts, *specs: Any, finish: Callable[[Any], Any] = lambda x: x
) -> Callable[..., Any]:
    """Compiles a replica's function to run on all replicas.

    Args:
      function: Function of (images, labels, code, learning_rate, …), such as the result of `make_update`.
      parts: Parts of the step: the strategy, and whether shapes are static.
      specs: Type specs of images and labels as the strategy distributes them, then of the arguments after
        the learning rate.
      finish: Applied to what `Strategy.run` returns.

    Raises:
      ScaleNetError: For static shapes with bilateral coupling, or on several replicas that are no TPU's.
    """
    strategy, space = parts.strategy, parts.supernet.space
    coupled = parts.config.bilateral_coupling
    if wants_static_shapes(strategy) if parts.static is None else parts.static:
        if coupled:
            raise InvalidInputError(
                "`supernet.bilateral_coupling` has no program of static shapes, which a TPU needs. Leave it "
                "out, or train on another device."
            )
        programs = StaticPrograms(function, strategy, space, parts.say)
        return lambda *arguments: finish(programs(*arguments))
    images, labels, *more = specs
    code = SubnetCode.signature(space, coupled)
    signature = [images, labels, code, tf.TensorSpec([], tf.float32), *more]

    @tf.function(input_signature=signature, autograph=False)
    def on_all(*arguments: Any) -> Any:
        return finish(strategy.run(function, args=arguments))

    return on_all


def result_alone(update: Update) -> Callable[..., StepResult]:
    """Wraps an update to return the result alone, without the logits."""

    def step(*arguments: Any) -> StepResult:
        return update(*arguments)[0]

    return step


def local_result(strategy: tf.distribute.Strategy, result: StepResult) -> StepResult:
    """The result of one replica; it is the same on all."""
    return StepResult(*(strategy.experimental_local_results(part)[0] for part in result))


def make_train_step(parts: StepParts, batch_spec: tuple[Any, Any]) -> TrainStep:
    """Builds the training step for a subnet.

    Args:
      parts: Parts of the step.
      batch_spec: Element spec of the distributed batches.

    Returns:
      A function (images, labels, code, learning_rate) -> StepResult.
    """
    update = result_alone(make_update(parts))
    return on_replicas(update, parts, *batch_spec, finish=partial(local_result, parts.strategy))
