"""One training step of the super-supernet, traced once for every subnet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from scalenet_tf.config import SupernetConfig
from scalenet_tf.layers.rows import flatten, values
from scalenet_tf.replicas import Replicas
from scalenet_tf.subnet_code import SubnetCode
from scalenet_tf.supernet import SuperSupernet
from scalenet_tf.training.average import WeightAverage
from scalenet_tf.training.loss import cross_entropy, smooth_labels
from scalenet_tf.training.optimizer import SlicedSGD


class StepResult(NamedTuple):
    """What a step reports, summed over replicas: mean loss, correct images, norm of the gradient."""

    loss: tf.Tensor
    correct: tf.Tensor
    gradient_norm: tf.Tensor


TrainStep = Callable[[Any, Any, SubnetCode, tf.Tensor], StepResult]
# As a TrainStep on one replica's part of the batch, and with soft labels in place of the labels; it
# returns the logits too.
Update = Callable[..., tuple[StepResult, tf.Tensor]]


def make_optimizer(supernet: SuperSupernet, config: SupernetConfig) -> SlicedSGD:
    """The paper's recipe: convolutions decay doubly, batch norm not at all."""
    decay = config.weight_decay
    return SlicedSGD(
        supernet.trainable_variables,
        config.momentum,
        {"conv": decay * config.conv_decay_factor, "dense": decay, "bias": decay},
    )


def make_update(
    supernet: SuperSupernet,
    optimizer: SlicedSGD,
    strategy: tf.distribute.Strategy,
    config: SupernetConfig,
    average: WeightAverage | None = None,
) -> Update:
    """What each replica does: gradients of a subnet's slices, reduced and applied.

    Args:
      supernet: The weights, made in the strategy's scope.
      optimizer: Of these weights.
      strategy: Where it runs; the batch is shared between its replicas.
      config: Batch size over all replicas, label smoothing, clipping.
      average: Of these weights, moved after each update.

    Returns:
      (images, labels, code, learning_rate, soft_labels=None) -> (StepResult, logits). The reported loss
      is that of the labels, where soft ones were trained on too.
    """
    classes = supernet.space.classes
    all_replicas = Replicas.of(strategy)

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
            targets = smooth_labels(labels, classes, config.label_smoothing, logits.dtype)
            label_loss = cross_entropy(targets, logits) / config.batch_size
            loss = label_loss
            if soft_labels is not None:
                loss = cross_entropy(soft_labels, logits) / config.batch_size
        gradients = tape.gradient(
            loss, [part.values for part in slices], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        correct = tf.reduce_sum(tf.cast(tf.argmax(logits, -1, labels.dtype) == labels, loss.dtype))
        *gradients, label_loss, correct = replicas.sum([*gradients, label_loss, correct])
        gradients, norm = tf.clip_by_global_norm(gradients, config.clip_norm)
        optimizer.apply(slices, gradients, rate)
        if average is not None:
            average.update(slices)
        return StepResult(label_loss, correct, norm), logits

    return update


def step_signature(supernet: SuperSupernet, batch_spec: tuple[Any, Any]) -> list[Any]:
    """The input signature of a `TrainStep` on batches of that element spec."""
    return [*batch_spec, SubnetCode.signature(supernet.space), tf.TensorSpec([], tf.float32)]


def local_result(strategy: tf.distribute.Strategy, result: StepResult) -> StepResult:
    """One replica's numbers: they are equal on all."""
    return StepResult(*(strategy.experimental_local_results(part)[0] for part in result))


def traced(
    update: Update, strategy: tf.distribute.Strategy, signature: Sequence[Any]
) -> Callable[..., StepResult]:
    """An update on all replicas, as one function of that input signature."""

    @tf.function(input_signature=signature, autograph=False)
    def train_step(*arguments: Any) -> StepResult:
        result, _ = strategy.run(update, args=arguments)
        return local_result(strategy, result)

    return train_step


def make_train_step(
    supernet: SuperSupernet,
    optimizer: SlicedSGD,
    strategy: tf.distribute.Strategy,
    config: SupernetConfig,
    batch_spec: tuple[Any, Any],
    average: WeightAverage | None = None,
) -> TrainStep:
    """Builds the step function of a subnet.

    Args:
      supernet, optimizer, strategy, config, average: As `make_update` takes them.
      batch_spec: The element spec of the distributed batches.

    Returns:
      (images, labels, code, learning_rate) -> StepResult.
    """
    update = make_update(supernet, optimizer, strategy, config, average)
    return traced(update, strategy, step_signature(supernet, batch_spec))
