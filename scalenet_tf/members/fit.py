"""Keras' fit, one call an epoch, saved after each."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import keras

from scalenet_tf import files
from scalenet_tf.config import MembersConfig
from scalenet_tf.data import DataSet
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.family import Member
from scalenet_tf.members.progress import FitProgress
from scalenet_tf.members.recipe import Recipe, one_hot
from scalenet_tf.members.state import Progress, save_state
from scalenet_tf.run import Run
from scalenet_tf.stopping import deferred_stop


def fit(
    run: Run,
    member: Member,
    data: DataSet,
    model: keras.Model,
    recipe: Recipe,
    progress: Progress,
    folder: Path,
) -> Progress:
    """Trains a compiled model from where `progress` says to the recipe's end, saved after each epoch.

    Args:
      run: Its configuration decides the order and the changes of the images.
      member: What is trained.
      data: Training and validation images.
      model: On (images, one-hot labels), as `compile_for_training` leaves it.
      recipe: The number of epochs.
      progress: What `load_state` gave, or `Progress()`.
      folder: Where state.npz and history.jsonl are written.

    Returns:
      The finished progress.

    Raises:
      ScaleNetError: where training diverges; the state of the epoch before stays.
    """
    config, classes = run.config, data.info.classes
    resolution, batch_size = member.subnet.resolution, config.members.batch_size
    validation = data.evaluation_batches(
        "validation", resolution=resolution, batch_size=config.search.batch_size
    )
    _write_history(folder, progress)
    steps = epoch_steps(data, config.members)
    with (
        deferred_stop() as stop,
        FitProgress(member.name, recipe.epochs, steps, progress.epochs) as shown,
    ):
        # Between batches: an exception out of a signal's handler may be lost in TensorFlow's C++.
        stopper = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs=None: stop.raise_if_received()
        )
        for epoch in range(progress.epochs, recipe.epochs):
            started = time.monotonic()
            batches = data.epoch_batches(
                batch_size=batch_size,
                seed=config.seed,
                epoch=epoch,
                resolution=resolution,
                augmentation=config.data.augmentation,
            )
            # One call an epoch: its order depends on (seed, epoch) alone, wherever training began.
            logs = model.fit(
                one_hot(batches.take(steps), classes),
                initial_epoch=epoch,
                epochs=epoch + 1,
                validation_data=one_hot(validation, classes),
                callbacks=[shown, stopper],
                shuffle=False,
                verbose=0,
            ).history
            row = {"epoch": epoch + 1, **{name: values[-1] for name, values in logs.items()}}
            _check_finite(row, member)
            seconds = time.monotonic() - started
            progress = Progress((*progress.history, row), progress.seconds + seconds)
            save_state(folder / "state.npz", model, progress)
            _write_history(folder, progress)
            shown.epoch_done(row, seconds)
            stop.raise_if_received()
    return progress


def epoch_steps(data: DataSet, config: MembersConfig) -> int:
    """Steps of an epoch: whole batches of the train split, or of `epoch_images` of it."""
    steps = data.steps_per_epoch(config.batch_size)
    return steps if config.epoch_images is None else min(steps, -(-config.epoch_images // config.batch_size))


def _check_finite(row: dict[str, Any], member: Member) -> None:
    if not all(math.isfinite(value) for value in row.values()):
        raise ScaleNetError(
            f"the training of {member.name} diverged in epoch {row['epoch']}: loss {row['loss']}. The epoch "
            "before is kept. Begin a new run with a lower "
            "members.learning_rate or members.scratch_learning_rate."
        )


def _write_history(folder: Path, progress: Progress) -> None:
    files.write_text(folder / "history.jsonl", "".join(json.dumps(row) + "\n" for row in progress.history))
