"""Score of a SavedModel, called as a server calls it."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.data import DataSet
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.models.class_counts import ClassCounts
from scalenet_tf.models.class_scores import ClassScores
from scalenet_tf.run.evaluation import Accuracy

_BATCH = 64


def measure(argument: str, saved_model: str, data: DataSet, called: str = "") -> Accuracy:
    """Compares predicted labels with the true ones by name, so that the order of classes does not matter.

    Of images with several labels each, the average precision of each class and their mean are measured.

    Args:
      argument: Name of the model in errors.
      saved_model: Folder of the SavedModel.
      data: Images whose test split is used.
      called: Name of the folder in errors. Default: the folder.

    Raises:
      ScaleNetError: If it is not a SavedModel of `scalenet export` for the task of the images, or takes
        images of other channels.
    """
    serve = tf.saved_model.load(saved_model).signatures.get("serving_default")
    outputs = serve.structured_outputs if serve is not None else {}
    channels = data.info.channels
    if "labels" not in outputs or serve.structured_input_signature[1]["images"].shape[-1] != channels:
        raise InvalidInputError(
            f"`{argument}` must be a SavedModel that scalenet export wrote, for images of {channels} "
            f"channels. Received: {called or saved_model!r}{_remedy(argument)}"
        )
    names = np.array([label.encode() for label in data.info.labels])
    several = data.test.class_ids().ndim == 2
    if several != ("present" in outputs):
        raise InvalidInputError(
            f"`{argument}` must be a SavedModel for the task "
            f"{Task.multi_label if several else Task.single_label}, as the images are. Received one for the "
            f"other task: {called or saved_model!r}{_remedy(argument)}"
        )
    if several:
        return _precision(serve, data, names)
    seen, right = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    size = data.info.image_size
    # At the stored size nothing is resized: the values are the stored uint8.
    for images, labels in data.evaluation_batches("test", resolution=size, batch_size=_BATCH):
        predicted = serve(images=tf.cast(images, tf.uint8))["labels"][:, 0].numpy()
        truth = labels.numpy()
        np.add.at(seen, truth, 1)
        np.add.at(right, truth, predicted == names[truth])
    counts = ClassCounts(tuple(seen.tolist()), tuple(right.tolist()))
    shares = dict(zip(data.info.labels, counts.of_class, strict=True))
    return Accuracy(images=counts.images, accuracy=counts.accuracy, of_class=shares)


def _remedy(argument: str) -> str:
    if argument != "baseline_uri":
        return ""
    return ". These are models for other images: give another --push, the folder that models are served from."


def _precision(serve: Any, data: DataSet, names: np.ndarray) -> Accuracy:
    """Average precisions of a model that names every class in each answer; one that it lacks has chance's."""
    known: list[bytes] = []

    def answer(images: tf.Tensor) -> np.ndarray:
        outputs = serve(images=tf.cast(images, tf.uint8))
        if not known:
            ids, labels = outputs["class_ids"][0].numpy(), outputs["labels"][0].numpy()
            known.extend(labels[np.argsort(ids)])
        found = outputs["probabilities"].numpy()
        return np.stack(
            [found[:, known.index(name)] if name in known else np.zeros(len(found)) for name in names], axis=1
        )

    batches = data.evaluation_batches("test", resolution=data.info.image_size, batch_size=_BATCH)
    scores = ClassScores.over(Task.multi_label, answer, batches, len(names))
    of_class = dict(zip(data.info.labels, scores.of_class, strict=True))
    return Accuracy(images=scores.images, accuracy=scores.score, of_class=of_class)
