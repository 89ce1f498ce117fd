"""Score of a trained member on the run's images or on new ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.data import DataSet, load_data, load_new_data, open_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.data.dataset import Split
from scalenet_tf.data.sources.bundled import SPLITTING
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.models.class_scores import ClassScores
from scalenet_tf.models.outputs import probabilities
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import digest, load_weights
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.family import read_member
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.space import Subnet
from scalenet_tf.space.rules import ceil_divide
from scalenet_tf.utils.progress import tracked

# Images [N, r, r, C] in 0…255 to scores [N, classes].
Scorer = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class EvaluationResult:
    """Result of an evaluation.

    Attributes:
      accuracy: 0 to 1; for the task multi_label, the mean average precision.
      images: Number of images that were evaluated.
      skipped: Number of new images that could not be decoded and were left out.
      scored: The place in the source that the images come from, such as "valid/"; "" for the bundled ones.
      balanced_accuracy: Mean accuracy of the classes that have images, 0 to 1; None for multi_label.
      task: Task of the member.
    """

    accuracy: float
    images: int
    skipped: int = 0
    scored: str = ""
    balanced_accuracy: float | None = None
    task: Task = Task.single_label

    def line(self, member: str, source: str, split: Split) -> str:
        """Returns a line such as "S0 on folder:new (test: valid/): 91.00% of 40 images"."""
        scored = f"{split}: {self.scored}" if self.scored else split
        if self.task is Task.multi_label:
            name = self.task.score
            return f"{member} on {source} ({scored}): {name} {self.accuracy:.2%} over {self.images:,} images"
        line = f"{member} on {source} ({scored}): {self.accuracy:.2%} of {self.images:,} images"
        balanced = "" if self.balanced_accuracy is None else f"{self.balanced_accuracy:.2%}"
        # Where the classes have equally many images, the two are the same.
        return line + (f", balanced {balanced}" if balanced not in ("", f"{self.accuracy:.2%}") else "")


@dataclass(frozen=True)
class TrainedMember:
    """A trained member.

    Attributes:
      folder: Folder of its files.
      model: Keras model from images to logits.
      subnet: The network.
      labels: Name of each class.
      task: Task that it was trained for.
    """

    folder: Path
    model: keras.Model
    subnet: Subnet
    labels: tuple[str, ...]
    task: Task = Task.single_label


def load_member(run: Run | str | Path, stage: int) -> TrainedMember:
    """Loads a trained member.

    Args:
      run: The run that trained it, or its path.
      stage: Scaling stage of the member.

    Raises:
      ScaleNetError: If the family has no such member, it is not trained yet, or its weights are not those
        that its training ended with.
    """
    run = given_run(run)
    read_member(run, stage)
    files = run.member_files(stage)
    stated = trained_metrics(run, stage).provenance.digests.get("weights")
    architecture = read_architecture(run, stage)
    model = build_model(architecture.subnet)
    load_weights(files.weights, model)
    if stated is not None and digest(model) != stated:
        raise DamagedFileError(
            f"{str(files.weights)!r} does not hold the weights that the training ended with: their digest is "
            f"{digest(model)}, it was {stated}. Put it back, or move {str(files.folder)!r} away and train "
            f"the member again with: {run.command('retrain', stage)}"
        )
    return TrainedMember(files.folder, model, architecture.subnet, architecture.labels, run.config.task)


def evaluate_member(
    run: Run | str | Path,
    stage: int,
    data: str | None = None,
    split: Split = "test",
    *,
    skip_corrupt: bool = False,
) -> EvaluationResult:
    """Measures a trained member's accuracy, or for the task multi_label its mean average precision.

    Args:
      run: The run that trained it, or its path.
      stage: Scaling stage of the member.
      data: "bundled", "tfds:NAME", "folder:PATH" or "tfrecord:PATH". Default: the data of the run.
      split: "test", "validation" or "train". For new data, "test" is their test split, else their validation
        split, else all images; the others are as `load_data` splits them.
      skip_corrupt: Whether to leave out and count new images that cannot be decoded. The run's
        `data.skip_corrupt` applies too.

    Returns:
      The accuracy and the number of images. Labels are matched by name, in any order, and may be a subset
      of the run's. New images of any size are first resized to the size of the run's images.

    Raises:
      ScaleNetError: If the member is not trained, or the data have other labels or channels.

    Example:
      >>> evaluate_member("runs/first", 2, "folder:photos").accuracy
    """
    run = given_run(run)
    member = load_member(run, stage)
    given = images_for(member, run, data, split, skip_corrupt)

    def answer(images: np.ndarray) -> np.ndarray:
        return np.asarray(probabilities(member.task, member.model.predict_on_batch(images)))

    scores = given.score(answer, split, member.subnet.resolution, run.config.search.batch_size)
    return given.evaluation(scores, split)


@dataclass(frozen=True)
class GivenImages:
    """The images of an evaluation.

    Attributes:
      data: The data set.
      classes: For each class of the data, the class of the member.
      new: Whether the images are other than the run's.
      outputs: Number of classes of the member.
      task: Task of the member.
    """

    data: DataSet
    classes: tuple[int, ...]
    new: bool
    outputs: int
    task: Task

    def score(self, score: Scorer, split: Split, resolution: int, batch_size: int) -> ClassScores:
        """Scores a split, as a whole and by class of the member.

        Args:
          score: Takes images float32 [N, r, r, C] in 0…255 and returns their scores [N, classes].
          split: Name of the split.
          resolution: Side of the images in pixels.
          batch_size: Images per batch.

        Raises:
          ScaleNetError: If an image cannot be read any more.
        """
        batches = self.data.evaluation_batches(split, resolution=resolution, batch_size=batch_size)
        steps = ceil_divide(self.data.examples(split).count, batch_size)
        shown = tracked(batches, f"{split} {self.task.short_score}", steps)
        pairs = ((images.numpy(), self._as_member(labels.numpy())) for images, labels in shown)
        with damage_named(self.data):
            return ClassScores.over(self.task, score, pairs, self.outputs)

    def _as_member(self, labels: np.ndarray) -> np.ndarray:
        """Returns labels of the data as labels of the member."""
        classes = np.array(self.classes)
        if labels.ndim == 1:
            return classes[labels]
        found = np.zeros((len(labels), self.outputs), labels.dtype)
        found[:, classes] = labels
        return found

    def evaluation(self, scores: ClassScores, split: Split) -> EvaluationResult:
        """Makes the result, once all images have been read."""
        images = self.data.examples(split).count
        # The test split has been decoded by now, without the images that could not be.
        skipped = self.data.info.skipped + self.data.info.counts[split] - images if self.new else 0
        place = self.data.places.get(split, "")
        return EvaluationResult(scores.score, images, skipped, place, scores.balanced_accuracy, self.task)


def images_for(
    member: TrainedMember, run: Run, data: str | None, split: Split, skip_corrupt: bool
) -> GivenImages:
    """Opens the images for the evaluation of a member; see `evaluate_member`."""
    opened = open_data(run) if data is None else _open_new(run, data, split, skip_corrupt)
    unknown = sorted(set(opened.info.labels) - set(member.labels))
    if unknown:
        raise InvalidInputError(
            f"`data` must have labels that the member was trained on, {list(member.labels)}. "
            f"Received others: {unknown}"
        )
    check_channels(member, opened)
    classes = tuple(member.labels.index(label) for label in opened.info.labels)
    return GivenImages(opened, classes, data is not None, len(member.labels), member.task)


def _open_new(run: Run, source: str, split: Split, skip_corrupt: bool) -> DataSet:
    config = new_data_config(run, source)
    if skip_corrupt:
        config = config.model_copy(update={"skip_corrupt": True})
    task = run.config.task
    return load_new_data(config, task) if split == "test" else load_data(config, run.config.seed, task)


def new_data_config(run: Run, source: str) -> DataConfig:
    """Configuration for reading new images at the size and with the channels of the run's images.

    All of them are read: how many of its own the run trained on says nothing of others.
    """
    info = run.data_info()
    changes: dict[str, Any] = {"source": source, "train_images": None}
    changes |= {"image_size": info.image_size, "channels": info.channels}
    if source == "bundled":
        changes |= {name: getattr(DataConfig(), name) for name in SPLITTING}  # its splits are fixed
    return run.config.data.model_copy(update=changes)


def check_channels(member: TrainedMember, data: DataSet) -> None:
    """Raises ScaleNetError if the images have other channels than the member's."""
    if data.info.channels != member.subnet.channels:
        raise InvalidInputError(
            f"`data` must have images of {member.subnet.channels} channels. Received: {data.info.channels}"
        )
