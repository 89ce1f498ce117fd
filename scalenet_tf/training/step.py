"""One training step of the super-supernet, traced once for every subnet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from scalenet_tf.config import SupernetConfig
from scalenet_tf.layers.rows import flatten, values
from scalenet_tf.replicas import Replicas
from scalenet_tf.subnet_code import SubnetCode
from scalenet_tf.supernet import SuperSupernet
from scalenet_tf.training.optimizer import SlicedSGD


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


def make_train_step(
    supernet: SuperSupernet,
    optimizer: SlicedSGD,
    strategy: tf.distribute.Strategy,
    config: SupernetConfig,
    batch_spec: tuple[Any, Any],
) -> TrainStep:
    """Builds the step function.

    Args:
      supernet: The weights, made in the strategy's scope.
      optimizer: Of these weights.
      strategy: Where it runs; the batch is shared between its replicas.
      config: Batch size over all replicas, label smoothing, clipping.
      batch_spec: The element spec of the distributed batches.

    Returns:
      (images, labels, code, learning_rate) -> StepResult.
    """
    classes = supernet.space.classes
    all_replicas = Replicas.of(strategy)

    def replica_step(images: tf.Tensor, labels: tf.Tensor, code: SubnetCode, rate: tf.Tensor) -> StepResult:
        replicas = all_replicas.traced()
        selection = supernet.select(code)
        slices = flatten(selection)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([part.values for part in slices])
            logits, _ = supernet.compute(images, code, values(selection), replicas=replicas)
            targets = tf.one_hot(labels, classes, dtype=logits.dtype)
            targets = targets * (1 - config.label_smoothing) + config.label_smoothing / classes
            losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
            loss = tf.reduce_sum(losses) / config.batch_size
        gradients = tape.gradient(
            loss, [part.values for part in slices], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        correct = tf.reduce_sum(tf.cast(tf.argmax(logits, -1, labels.dtype) == labels, loss.dtype))
        *gradients, loss, correct = replicas.sum([*gradients, loss, correct])
        gradients, norm = tf.clip_by_global_norm(gradients, config.clip_norm)
        optimizer.apply(slices, gradients, rate)
        return StepResult(loss, correct, norm)

    signature = [*batch_spec, SubnetCode.signature(supernet.space), tf.TensorSpec([], tf.float32)]

    @tf.function(input_signature=signature, autograph=False)
    def train_step(images: Any, labels: Any, code: SubnetCode, rate: tf.Tensor) -> StepResult:
        result = strategy.run(replica_step, args=(images, labels, code, rate))
        return StepResult(*(strategy.experimental_local_results(part)[0] for part in result))

    return train_step
