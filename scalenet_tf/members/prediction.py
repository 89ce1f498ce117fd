"""Predictions of an exported member for image files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from scalenet_tf.data.named_images import named_images
from scalenet_tf.data.one_image import UnreadableImageError, jpeg_or_png
from scalenet_tf.errors import InvalidInputError, first_line
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import loading
from scalenet_tf.run.exports import Format
from scalenet_tf.run.family import read_member
from scalenet_tf.run.given_run import given_run
from scalenet_tf.utils.progress import tracked


@dataclass(frozen=True)
class Prediction:
    """Prediction for one image.

    Attributes:
      image: Path of the image.
      labels: Labels, the most probable first; none if the image cannot be read.
      probabilities: Probabilities of the labels, 0 to 1.
      error: The reason why the image cannot be read or decoded; None if it is classified.
      present: Those of the labels whose probability is at least 0.5, for the task multi_label; otherwise
        None.
    """

    image: Path
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    error: str | None = None
    present: tuple[str, ...] | None = None


def predict_member(
    run: Run | str | Path, stage: int, images: Iterable[str | Path], top_k: int | None = None
) -> list[Prediction]:
    """Classifies image files through a member's SavedModel, as a server would.

    Args:
      run: The run that exported the member, or its path.
      stage: Scaling stage of the member.
      images: Image files of any size, or folders, which are searched for images.
      top_k: Number of labels per image, 1 to 5; fewer if there are fewer classes. For the task multi_label
        it may be larger. Default: 5, or for multi_label all classes.

    Returns:
      One prediction per image, in the given order; the images of a folder are sorted by name. An image that
      cannot be read has an `error` and no labels.

    Raises:
      ScaleNetError: If there is no such member, it is not exported, the export is damaged, or none of the
        files is an image.

    Example:
      >>> predict_member("runs/first", 0, ["shoe.png"])[0].labels[0]
      'Ankle boot'
    """
    run = given_run(run)
    read_member(run, stage)
    with loading(run, stage, Format.saved_model) as folder:
        serve = _signature(folder)
    return _predict(serve, images, top_k)


def predict(saved_model: Path, images: Iterable[str | Path], top_k: int | None = None) -> list[Prediction]:
    """Classifies image files through a SavedModel in any folder; see `predict_member`."""
    if not (saved_model / "saved_model.pb").is_file():
        raise InvalidInputError(
            f"`saved_model` must be a folder that holds saved_model.pb. Received: {str(saved_model)!r}"
        )
    return _predict(_signature(saved_model), images, top_k)


def _signature(saved_model: Path) -> Any:
    """Loads a SavedModel's signature `serving_bytes`, which decodes images as training did."""
    signatures = tf.saved_model.load(str(saved_model)).signatures
    if "serving_bytes" not in signatures:
        raise InvalidInputError(
            f"{str(saved_model)!r} lacks the signature serving_bytes, which an early version did not write. "
            "Export the member again with: scalenet export"
        )
    return signatures["serving_bytes"]


def _predict(serve: Any, images: Iterable[str | Path], top_k: int | None) -> list[Prediction]:
    several = "present" in serve.structured_outputs  # A SavedModel for multi_label returns all labels.
    if top_k is not None and not 1 <= top_k <= (top_k if several else 5):
        expected = "at least 1" if several else "1 to 5, since a SavedModel returns 5 labels"
        raise InvalidInputError(f"`top_k` must be {expected}. Received: {top_k}")
    predictions = [_predict_one(serve, path, top_k) for path in tracked(named_images(images), "predicting")]
    if predictions and all(prediction.error for prediction in predictions):
        first = predictions[0]
        raise InvalidInputError(
            f"`images`: none of the {len(predictions)} files can be classified. {str(first.image)!r} "
            f"{first.error}"
        )
    return predictions


def _predict_one(serve: Any, path: Path, top_k: int | None) -> Prediction:
    try:
        outputs = serve(image_bytes=tf.constant([jpeg_or_png(path)]))
    except UnreadableImageError as error:
        return Prediction(path, (), (), str(error))
    except tf.errors.InvalidArgumentError as error:  # earlier exports refuse some that are decoded now
        return Prediction(path, (), (), f"cannot be decoded by the export ({first_line(error)})")
    ids = outputs["class_ids"][0, :top_k]
    labels = [label.decode() for label in outputs["labels"][0, :top_k].numpy()]
    probabilities = tf.gather(outputs["probabilities"][0], ids).numpy()
    present = None
    if "present" in outputs:  # The classes are sorted, so those that are present come first.
        present = tuple(labels[: int(outputs["present"][0, :top_k].numpy().sum())])
    return Prediction(path, tuple(labels), tuple(float(p) for p in probabilities), present=present)
