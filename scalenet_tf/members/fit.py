"""Keras' fit, one call an epoch, saved after each."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import keras
import numpy as np

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.callbacks import EvaluateAverage, FitProgress, judge
from scalenet_tf.members.checkpoint import Progress, save_state
from scalenet_tf.members.inputs import epoch_steps, recipe_changes, training_pairs
from scalenet_tf.members.plan import Plan, one_hot
from scalenet_tf.models.weights import weights_of
from scalenet_tf.run.family import Member
from scalenet_tf.run.layout import MemberFiles
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils import files
from scalenet_tf.utils.signals import deferred_stop
from scalenet_tf.utils.value_file import row_line


def fit(
    member: Member,
    data: DataSet,
    model: keras.Model,
    plan: Plan,
    config: RunConfig,
    progress: Progress,
    written: MemberFiles,
) -> Progress:
    """Trains a compiled model from where `progress` says to the plan's end, saved after each epoch.

    Args:
      member: What is trained.
      data: Training and validation images.
      model: On (images, one-hot labels), as `compile_for_training` leaves it.
      plan: The recipe, and the number of epochs.
      config: Its seed and augmentation decide the order and the changes of the images.
      progress: What `load_state` gave, or `Progress()`.
      written: The member's files; state and history are written.

    Returns:
      The finished progress.

    Raises:
      ScaleNetError: where training diverges; the state of the epoch before stays.
    """
    recipe, resolution = plan.recipe, member.subnet.resolution
    validation = data.evaluation_batches(
        "validation", resolution=resolution, batch_size=config.search.batch_size
    )
    write_history(written, progress)
    steps = epoch_steps(data, recipe)
    changes = recipe_changes(recipe, config.seed)
    average = EvaluateAverage()
    with (
        deferred_stop() as stop,
        FitProgress(member.name, plan.epochs, steps, progress.epochs) as shown,
    ):
        # Between batches: an exception out of a signal's handler may be lost in TensorFlow's C++.
        stopper = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs=None: stop.raise_if_received()
        )
        for epoch in range(progress.epochs, plan.epochs):
            if (verdict := judge(progress.accuracies, recipe)).stop:
                shown.stopped(epoch, verdict.best_epoch)
                break
            started = time.monotonic()
            pairs = training_pairs(
                data,
                recipe,
                config.data.augmentation,
                changes,
                seed=config.seed,
                epoch=epoch,
                resolution=resolution,
            )
            # One call an epoch: its order depends on (seed, epoch) alone, wherever training began.
            logs = model.fit(
                pairs,
                initial_epoch=epoch,
                epochs=epoch + 1,
                validation_data=one_hot(validation, data.info.classes),
                callbacks=[shown, stopper, average],
                shuffle=False,
                verbose=0,
            ).history
            row = EpochRow.of(epoch + 1, logs)
            _check_finite(row, member)
            history = (*progress.history, row)
            best = progress.best
            verdict = judge([*progress.accuracies, row.val_accuracy], recipe)
            if recipe.patience is not None and verdict.best_epoch == epoch + 1:
                best = weights_of(model)
            average.restore()
            seconds = time.monotonic() - started
            progress = Progress(history, progress.seconds + seconds, best)
            save_state(written.state, model, progress)
            write_history(written, progress)
            shown.epoch_done(row, seconds)
            stop.raise_if_received()
    return progress


def answering_weights(model: keras.Model, progress: Progress) -> Mapping[str, np.ndarray]:
    """What a finished training is about: the best epoch's weights, the average, or the last weights."""
    if progress.best:
        return progress.best
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return weights_of(model)


def _check_finite(row: EpochRow, member: Member) -> None:
    if not all(math.isfinite(value) for _, value in row):
        raise ScaleNetError(
            f"the training of {member.name} diverged in epoch {row.epoch}: loss {row.loss}. The epoch "
            "before is kept. Begin a new run with a lower "
            "members.learning_rate or members.scratch_learning_rate."
        )


def write_history(written: MemberFiles, progress: Progress) -> None:
    """Writes history.jsonl, a row an epoch."""
    files.write_text(written.history, "".join(map(row_line, progress.history)))
