"""One training step of the super-supernet: one trace for every subnet, or a program for each static shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from scalenet_tf.config import SupernetConfig
from scalenet_tf.layers.rows import flatten, values
from scalenet_tf.subnet_code import SubnetCode
from scalenet_tf.supernet import SuperSupernet
from scalenet_tf.training.optimizer import SlicedSGD
from scalenet_tf.training.precision import LossScale
from scalenet_tf.training.programs import Say, StaticPrograms, wants_static_shapes


class StepResult(NamedTuple):
    """What a step reports, summed over replicas: mean loss, correct images, norm of the gradient."""

    loss: tf.Tensor
    correct: tf.Tensor
    gradient_norm: tf.Tensor


TrainStep = Callable[[Any, Any, SubnetCode, tf.Tensor], StepResult]


def make_optimizer(supernet: SuperSupernet, config: SupernetConfig) -> SlicedSGD:
    """The paper's recipe: convolutions decay doubly, batch norm not at all."""
    decay = config.weight_decay
    return SlicedSGD(
        supernet.trainable_variables,
        config.momentum,
        {"conv": decay * config.conv_decay_factor, "dense": decay, "bias": decay},
    )


def make_replica_step(
    supernet: SuperSupernet,
    optimizer: SlicedSGD,
    strategy: tf.distribute.Strategy,
    config: SupernetConfig,
    loss_scale: LossScale | None = None,
) -> TrainStep:
    """What each replica does with its part of a batch; the arguments are those of `make_train_step`."""
    classes = supernet.space.classes

    def replica_step(images: tf.Tensor, labels: tf.Tensor, code: SubnetCode, rate: tf.Tensor) -> StepResult:
        selection = supernet.select(code)
        slices = flatten(selection)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([part.values for part in slices])
            logits, _ = supernet.compute(images, code, values(selection))
            targets = tf.one_hot(labels, classes, dtype=logits.dtype)
            targets = targets * (1 - config.label_smoothing) + config.label_smoothing / classes
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
            loss = tf.reduce_sum(losses) / config.batch_size
            target = loss if loss_scale is None else loss_scale.scale(loss)
        gradients = tape.gradient(
            target, [part.values for part in slices], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        # No integer: MirroredStrategy reduces those on the host, and refuses both kinds in one call.
        correct = tf.reduce_sum(tf.cast(tf.argmax(logits, -1, labels.dtype) == labels, loss.dtype))
        if strategy.num_replicas_in_sync > 1:
            context = tf.distribute.get_replica_context()
            gradients = context.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
            loss, correct = context.all_reduce(tf.distribute.ReduceOp.SUM, [loss, correct])
        if loss_scale is not None:
            gradients = loss_scale.unscale(gradients)
        gradients, norm = tf.clip_by_global_norm(gradients, config.clip_norm)
        if loss_scale is None:
            optimizer.apply(slices, gradients, rate)
        else:
            norm = loss_scale.guard(norm, lambda: optimizer.apply(slices, gradients, rate))
        return StepResult(loss, correct, norm)

    return replica_step


def make_train_step(
    supernet: SuperSupernet,
    optimizer: SlicedSGD,
    strategy: tf.distribute.Strategy,
    config: SupernetConfig,
    batch_spec: tuple[Any, Any],
    *,
    loss_scale: LossScale | None = None,
    static: bool | None = None,
    say: Say = lambda text: None,
) -> TrainStep:
    """Builds the step function.

    Args:
      supernet: The weights, made in the strategy's scope.
      optimizer: Of these weights.
      strategy: Where it runs; the batch is shared between its replicas.
      config: Batch size over all replicas, label smoothing, clipping.
      batch_spec: The element spec of the distributed batches.
      loss_scale: With float16, made in the strategy's scope; None leaves the loss as it is.
      static: Whether to compile a program for each static shape; where None, as the strategy's
        devices need it.
      say: Is told of each program before it is compiled.

    Returns:
      (images, labels, code, learning_rate) -> StepResult.

    Raises:
      ScaleNetError: for `static` on several replicas that are no TPU's.
    """
    replica_step = make_replica_step(supernet, optimizer, strategy, config, loss_scale)
    if wants_static_shapes(strategy) if static is None else static:
        programs = StaticPrograms(replica_step, strategy, supernet.space, say)
        return lambda *arguments: _of_one_replica(strategy, programs(*arguments))

    signature = [*batch_spec, SubnetCode.signature(supernet.space), tf.TensorSpec([], tf.float32)]

    @tf.function(input_signature=signature, autograph=False)
    def train_step(images: Any, labels: Any, code: SubnetCode, rate: tf.Tensor) -> StepResult:
        result = strategy.run(replica_step, args=(images, labels, code, rate))
        return _of_one_replica(strategy, result)

    return train_step


def _of_one_replica(strategy: tf.distribute.Strategy, result: StepResult) -> StepResult:
    """The numbers of a step; they are the same on all replicas."""
    return StepResult(*(strategy.experimental_local_results(part)[0] for part in result))
