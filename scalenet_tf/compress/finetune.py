"""Fine-tuning of a tf_keras network on the images of its run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import tensorflow as tf
import tf_keras

from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.config import Recipe, Task
from scalenet_tf.data import DataSet
from scalenet_tf.errors import DivergedError
from scalenet_tf.members.callbacks import FitProgress
from scalenet_tf.members.class_weights import balanced_weights, with_weights
from scalenet_tf.members.inputs import epoch_steps
from scalenet_tf.members.plan import one_hot
from scalenet_tf.models.plain import INPUT_OFFSET, INPUT_SCALE
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import EpochRow


@dataclass(frozen=True)
class FineTuning:
    """Settings of a fine-tuning.

    Attributes:
      title: Name shown beside the progress.
      run: The run, whose configuration determines the order and augmentation of the images.
      data: Training and validation images.
      recipe: Recipe of the member: batch size, images of an epoch, label smoothing, class weights.
      options: Epochs, learning rate, and overrides of batch size and seed.
    """

    title: str
    run: Run
    data: DataSet
    recipe: Recipe
    options: CompressOptions

    @property
    def batch_size(self) -> int:
        return self.options.batch_size or self.recipe.batch_size

    @property
    def seed(self) -> int:
        return self.run.config.seed if self.options.seed is None else self.options.seed

    @property
    def epoch_steps(self) -> int:
        return epoch_steps(self.data, self.recipe.model_copy(update={"batch_size": self.batch_size}))

    @property
    def steps(self) -> int:
        """Number of steps of the whole fine-tuning."""
        return self.options.epochs * self.epoch_steps

    def fit(
        self,
        model: tf_keras.Model,
        *,
        scaled: bool = False,
        callbacks: Sequence[tf_keras.callbacks.Callback] = (),
    ) -> None:
        """Trains `model` in place.

        Args:
          model: A network from images to logits.
          scaled: Whether it takes scaled images; see `litert.without_scaling`.
          callbacks: Further Keras callbacks.

        Raises:
          ScaleNetError: If training diverges.
        """
        config, classes, resolution = self.run.config, self.data.info.classes, model.input_shape[1]
        model.compile(
            tf_keras.optimizers.Adam(
                tf_keras.optimizers.schedules.CosineDecay(self.options.learning_rate, self.steps)
            ),
            loss=_loss(config.task, self.recipe.label_smoothing),
            metrics=[_score_metric(config.task, classes)],
        )

        def pairs(batches: tf.data.Dataset) -> tf.data.Dataset:
            if scaled:
                batches = batches.map(lambda x, y: (x * INPUT_SCALE + INPUT_OFFSET, y))
            return one_hot(batches, classes)

        validation = self.data.evaluation_batches(
            "validation", resolution=resolution, batch_size=config.search.batch_size
        )
        with FitProgress(self.title, self.options.epochs, self.epoch_steps, 0, task=config.task) as shown:
            advance = tf_keras.callbacks.LambdaCallback(on_batch_end=shown.on_train_batch_end)
            for epoch in range(self.options.epochs):
                started = time.monotonic()
                batches = self.data.epoch_batches(
                    batch_size=self.batch_size,
                    seed=self.seed,
                    epoch=epoch,
                    resolution=resolution,
                    augmentation=config.data.augmentation,
                )
                trained = pairs(batches.take(self.epoch_steps))
                if self.recipe.class_weights == "balanced":
                    trained = with_weights(trained, balanced_weights(self.data.train.class_ids(), classes))
                logs = model.fit(
                    trained,
                    initial_epoch=epoch,
                    epochs=epoch + 1,
                    validation_data=pairs(validation),
                    callbacks=[*callbacks, advance],
                    shuffle=False,
                    verbose=0,
                ).history
                row = EpochRow.of(epoch + 1, logs)
                # The last update comes after the last batch's loss.
                if not (row.loss < float("inf") and row.val_loss < float("inf")):
                    raise DivergedError(
                        f"the fine-tuning of {self.title} diverged in epoch {epoch + 1}: loss {row.loss}, "
                        f"validation {row.val_loss}. Give a lower --learning-rate."
                    )
                shown.epoch_done(row, time.monotonic() - started)


def _loss(task: Task, label_smoothing: float) -> tf_keras.losses.Loss:
    """The loss of `models/outputs.py` for tf_keras, which does not take Keras 3's."""
    losses = tf_keras.losses
    kind = losses.BinaryCrossentropy if task is Task.multi_label else losses.CategoricalCrossentropy
    return kind(from_logits=True, label_smoothing=label_smoothing)


def _score_metric(task: Task, classes: int) -> tf_keras.metrics.Metric:
    """A metric to follow the fine-tuning by; the file that results is measured exactly."""
    metrics = tf_keras.metrics
    if task is Task.multi_label:
        several = {"multi_label": True, "num_labels": classes, "from_logits": True}
        return metrics.AUC(curve="PR", name="accuracy", **several)
    return metrics.CategoricalAccuracy(name="accuracy")
