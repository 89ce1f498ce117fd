"""A teacher's answers to the training images: computed once, kept in the run, and joined to the labels."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import Recipe, Task
from scalenet_tf.data import DataSet
from scalenet_tf.data.pipeline_options import PARALLEL
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.members.teacher import Teacher, check_task, check_teacher_model
from scalenet_tf.models.outputs import are_probabilities, array_as_targets, as_logits, probabilities
from scalenet_tf.models.score import score
from scalenet_tf.run import Run
from scalenet_tf.space.rules import ceil_divide
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.npz import map_array
from scalenet_tf.utils.progress import reported

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """The train split with a teacher's answers.

    Attributes:
      data: Data set whose training batches hold positions in the train split, see `DataSet.numbered`.
      labels: Labels by position, int [N] or multi-hot [N, classes].
      answers: Probabilities of the teacher by position, float32 [N, classes].
    """

    data: DataSet
    labels: np.ndarray
    answers: np.ndarray

    def pairs(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Replaces the positions in batches by targets of `TaughtLoss`, float32 [N, 2 * classes]."""
        classes = self.answers.shape[1]

        def look_up(positions: np.ndarray) -> np.ndarray:
            labels = array_as_targets(self.labels[positions], classes)
            return np.concatenate([labels, self.answers[positions]], axis=1)

        def join(images: tf.Tensor, positions: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            targets = tf.numpy_function(look_up, [positions], tf.float32, stateful=False)
            return images, tf.ensure_shape(targets, (positions.shape[0], 2 * classes))

        return batches.map(join, num_parallel_calls=PARALLEL)


def make_lesson(run: Run, data: DataSet, teacher: Teacher, recipe: Recipe) -> Lesson:
    """Reads the answers of a teacher to the training images, and computes them first if they are not there.

    Answers are probabilities at the recipe's temperature for images without augmentation, at the teacher's
    resolution. If the configured augmentation flips, they are the mean of an image and its flip.

    Args:
      run: The run.
      data: Images of the run.
      teacher: The teacher.
      recipe: Recipe of the member that is taught.

    Raises:
      ScaleNetError: If the teacher does not fit the images, or the file of its answers is damaged.
    """
    info, task = data.info, run.config.task
    check_task(teacher, task)
    if teacher.labels is not None and teacher.labels != info.labels:
        raise InvalidInputError(
            f"`members.teacher` must have been trained on the labels of the data, {list(info.labels)}. "
            f"Received: {teacher.name!r}, trained on {list(teacher.labels)}."
        )
    flip, temperature = run.config.data.augmentation.flip, recipe.teacher_temperature
    # The name identifies the content, so that answers of another teacher or other images are never read.
    key = json_digest([teacher.digest, info.digest, flip, temperature])
    path, lesson = run.teacher_answers(teacher.name, key), data.numbered()
    labels = data.train.class_ids()
    shape = (data.train.count, info.classes)
    if not path.is_file():
        with _locked(path.parent):
            if not path.is_file():  # another process may have written it meanwhile
                model = teacher.load()
                check_teacher_model(model, teacher.name, info.channels, info.classes)
                answers = Answers(model, temperature, flip, run.config.search.batch_size, task)
                files.write_file(path, lambda file: answers.write(file, teacher.name, lesson, labels))
    found = map_array(path, "Remove the file; it is computed again.")
    if found.shape != shape:
        raise DamagedFileError(
            f"{str(path)!r} must hold the answers to {shape[0]} images of {shape[1]} classes. Received: an "
            f"array of shape {found.shape}. Remove the file; it is computed again."
        )
    return Lesson(lesson, labels, found)


@dataclass(frozen=True)
class Answers:
    """The answers of a network.

    Attributes:
      model: Network from images in 0…255 to logits or probabilities.
      temperature: Temperature that divides the logits.
      flip: Whether to take the mean over an image and its flip.
      batch_size: Images per batch.
      task: Task of the network.
    """

    model: keras.Model
    temperature: float
    flip: bool
    batch_size: int
    task: Task

    def of(self, outputs: Sequence[np.ndarray], *, given: bool) -> np.ndarray:
        """Probabilities float32 [N, classes] at the temperature, from the outputs for each view of images.

        Args:
          outputs: Outputs of the network, [N, classes] each, whose answers are averaged.
          given: Whether they are probabilities; otherwise logits.
        """
        exact = [own.astype(np.float32) for own in outputs]  # A teacher may answer in 16 bits.
        logits = [as_logits(self.task, own) if given else own for own in exact]
        soft = [probabilities(self.task, own / self.temperature) for own in logits]
        return np.asarray(np.mean(soft, axis=0, dtype=np.float32))

    def write(self, path: Path, name: str, data: DataSet, labels: np.ndarray) -> None:
        """Writes the answers to the train split of a data set of `DataSet.numbered`."""
        count, classes = len(labels), data.info.classes
        answers = np.lib.format.open_memmap(path, "w+", np.float32, (count, classes))
        # A full disk is an error now; when a mapped page is written, it would kill the process.
        if hasattr(os, "posix_fallocate"):  # macOS has none
            with open(path, "r+b") as file:
                os.posix_fallocate(file.fileno(), 0, os.path.getsize(path))
        resolution = self.model.input_shape[1] or data.info.image_size
        batches = data.evaluation_batches("train", resolution=resolution, batch_size=self.batch_size)
        total = ceil_divide(count, self.batch_size)
        given: bool | None = None
        for images, positions in reported(batches, f"{name} answers the training images", total):
            views = [images, images[:, :, ::-1]] if self.flip else [images]
            outputs = [np.asarray(self.model.predict_on_batch(view)) for view in views]
            # The first batch is the largest: in a last one of few images, logits may look like probabilities.
            given = are_probabilities(self.task, outputs[0]) if given is None else given
            answers[positions.numpy()] = self.of(outputs, given=given)
        answers.flush()
        reached, guessed = score(self.task, labels, answers), _guessed(self.task, labels, classes)
        if self.task is Task.multi_label:
            found = f"its {self.task.score} on the training images is {reached:.1%}"
        else:
            found = f"it labels {reached:.1%} of the training images as given"
        logger.info(f"{name} teaches: {found}")
        if reached < 2 * guessed and reached < 0.5:
            logger.warning(
                f"{name} teaches little: {found}. Its classes must be in the order of "
                f"{list(data.info.labels)}, and it takes images in 0 to 255."
            )


def _guessed(task: Task, labels: np.ndarray, classes: int) -> float:
    """Returns the score of answers that do not depend on the image, about."""
    return float(labels.mean()) if task is Task.multi_label else 1 / classes


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lets one process at a time work in a folder, where its file system can lock."""
    import fcntl  # Windows has none, and no runs.

    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            logger.debug(f"{str(folder)!r} cannot be locked")
        yield
    finally:
        os.close(descriptor)
