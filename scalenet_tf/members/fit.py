"""Training with Keras' fit, one call per epoch, saved after each."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
from rich.console import Console

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet
from scalenet_tf.errors import DivergedError
from scalenet_tf.members.answers import Lesson
from scalenet_tf.members.callbacks import EvaluateAverage, FitProgress, judge
from scalenet_tf.members.checkpoint import TrainingProgress, save_state
from scalenet_tf.members.inputs import epoch_steps, recipe_changes, training_pairs
from scalenet_tf.members.member_training import NOTHING_OWN, MemberTraining
from scalenet_tf.members.plan import Plan, one_hot
from scalenet_tf.models.weights import weights_of
from scalenet_tf.run.member_files import MemberFiles
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils import files
from scalenet_tf.utils.signals import deferred_stop
from scalenet_tf.utils.value_file import row_line


def fit(
    name: str,
    data: DataSet,
    model: keras.Model,
    plan: Plan,
    config: RunConfig,
    progress: TrainingProgress,
    written: MemberFiles | None,
    *,
    lesson: Lesson | None = None,
    own: MemberTraining = NOTHING_OWN,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_epoch: Callable[[str, EpochRow], None] | None = None,
    console: Console | None = None,
) -> TrainingProgress:
    """Trains a compiled model from its progress to the end of the plan; the state is saved after each epoch.

    Args:
      name: Name of the member in messages, such as "s0".
      data: Training and validation images.
      model: A model of `compile_for_training`, which takes (images, targets).
      plan: The recipe and the number of epochs.
      config: Configuration whose seed and augmentation determine order and changes of the images.
      progress: Progress of `load_state`, or `TrainingProgress()`.
      written: The member's files; state and history are written. None to write nothing.
      lesson: Training images with the answers of a teacher, if the model is compiled for one.
      own: Own augmentation, if there is one.
      callbacks: Further Keras callbacks.
      on_epoch: Called with the name and the results of each epoch whose state is saved.
      console: Console of the progress bar. Default: stdout.

    Returns:
      The progress at the end.

    Raises:
      ScaleNetError: If training diverges; the state of the epoch before is kept.
    """
    recipe, resolution = plan.recipe, model.input_shape[1]
    validation = data.evaluation_batches(
        "validation", resolution=resolution, batch_size=config.search.batch_size
    )
    if written:
        write_history(written, progress)
    steps = epoch_steps(data, recipe)
    changes = recipe_changes(recipe, config.seed, own.augmentation)
    average = EvaluateAverage()
    with (
        deferred_stop() as stop,
        FitProgress(name, plan.epochs, steps, progress.epochs, console, config.task) as shown,
    ):
        # Between batches: an exception from a signal handler may be lost in TensorFlow's C++.
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
                lesson=lesson,
            )
            # One call per epoch: its order depends on (seed, epoch) only, wherever training was resumed.
            logs = model.fit(
                pairs,
                initial_epoch=epoch,
                epochs=epoch + 1,
                validation_data=one_hot(validation, data.info.classes),
                callbacks=[shown, stopper, average, *callbacks],
                shuffle=False,
                verbose=0,
            ).history
            row = EpochRow.of(epoch + 1, logs)
            _check_finite(row, name)
            history = (*progress.history, row)
            best = progress.best
            verdict = judge([*progress.accuracies, row.val_accuracy], recipe)
            if recipe.patience is not None and verdict.best_epoch == epoch + 1:
                best = weights_of(model)
            average.restore()
            seconds = time.monotonic() - started
            progress = TrainingProgress(history, progress.seconds + seconds, best)
            if written:
                save_state(written.state, model, progress)
                write_history(written, progress)
            shown.epoch_done(row, seconds)
            if on_epoch is not None:
                on_epoch(name, row)
            stop.raise_if_received()
    return progress


def final_weights(model: keras.Model, progress: TrainingProgress) -> Mapping[str, np.ndarray]:
    """The weights of a finished training: those of the best epoch, the average, or the last ones."""
    if progress.best:
        return progress.best
    if not progress.history:  # Keras' average begins with the first update.
        return weights_of(model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return weights_of(model)


def _check_finite(row: EpochRow, name: str) -> None:
    if not math.isfinite(row.loss + row.accuracy + row.val_loss + row.val_accuracy):
        raise DivergedError(
            f"the training of {name} diverged in epoch {row.epoch}: loss {row.loss}. The epoch "
            "before is kept. Lower members.learning_rate or members.scratch_learning_rate: in a new run; or, "
            "to keep the super-supernet and the search, in this run's config.yaml, with its folder members/ "
            "moved away."
        )


def write_history(written: MemberFiles, progress: TrainingProgress) -> None:
    """Writes history.jsonl, one row per epoch."""
    files.write_text(written.history, "".join(map(row_line, progress.history)))
