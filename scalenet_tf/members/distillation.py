"""The loss and the accuracy of a member that learns from labels and from a teacher's answers."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.models.outputs import loss_of


@keras.saving.register_keras_serializable("scalenet_tf")
class TaughtLoss(keras.losses.Loss):
    """Cross-entropy of the labels, and the divergence from the teacher's answers, for each image.

    The divergence is that of Keras' `LogitsDistillation`, times the square of the temperature. There it is a
    mean over the batch, which the weights of images would not reach.

    For multi_label both are binary cross-entropies, the second one of the answers as soft labels, times the
    square of the temperature. Targets are [N, 2 * classes]: one-hot or multi-hot labels beside the teacher's
    probabilities at the temperature, so that mixing images mixes both alike. Targets [N, classes], as in
    validation, are labels alone.

    Args:
      weight: Share of the teacher's answers, 0 to 1.
      temperature: Temperature of the answers, which also divides the member's logits.
      label_smoothing: Share of each label that is spread, 0 to 1; see `loss_of`.
      task: Task of the member, and of its teacher.

    Example:
      >>> model.compile("sgd", TaughtLoss(weight=0.7, temperature=2.0))
    """

    def __init__(
        self,
        weight: float,
        temperature: float,
        label_smoothing: float = 0.0,
        task: Task | str = Task.single_label,
        name: str = "taught_loss",
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self.weight, self.temperature, self.label_smoothing = weight, temperature, label_smoothing
        self.task = Task(task)
        self._of_labels = loss_of(self.task, label_smoothing, reduction="none")
        self._of_answers = loss_of(Task.multi_label, 0.0, reduction="none")
        # Without a reduction of its own: Keras would divide by the number of replicas once more.
        self._divergence = keras.losses.KLDivergence(reduction="none")

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        classes = y_pred.shape[-1]
        loss = self._of_labels.call(y_true[:, :classes], y_pred)
        if y_true.shape[-1] == classes:
            return loss
        answers, logits = y_true[:, classes:], y_pred / self.temperature
        if self.task is Task.multi_label:
            soft = self._of_answers.call(answers, logits)
        else:
            soft = self._divergence.call(answers, keras.ops.softmax(logits))
        return (1 - self.weight) * loss + self.weight * self.temperature**2 * soft

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("weight", "temperature", "label_smoothing")}
        return {**super().get_config(), **own, "task": str(self.task)}


@keras.saving.register_keras_serializable("scalenet_tf")
class LabelAccuracy(keras.metrics.CategoricalAccuracy):
    """Keras' CategoricalAccuracy over the labels in targets of `TaughtLoss`."""

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: Any = None) -> Any:
        return super().update_state(y_true[:, : y_pred.shape[-1]], y_pred, sample_weight)
