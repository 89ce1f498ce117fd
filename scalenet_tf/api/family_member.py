"""`FamilyMember`: a trained member, used from Python."""

from __future__ import annotations

import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.own_images import read_own_images
from scalenet_tf.utils.tf_setup import without_advice

if TYPE_CHECKING:
    import keras

    from scalenet_tf.data.given import GivenImages
    from scalenet_tf.data.pixels import Pixels
    from scalenet_tf.members.evaluation import EvaluationResult, TrainedMember

# Of one image that is not grey: grey with alpha, colour, and colour with alpha.
_SEVERAL_CHANNELS = (2, 3, 4)


class FamilyMember:
    """A trained member of a family, which loads its model when that is first needed, and keeps it.

    Args:
      run: The run that trained it, or its path.
      row: Costs and accuracies, such as `row.macs`, `row.parameters` and `row.test_accuracy`.

    Example:
      >>> member = sn.open_family("runs/mine")["s2"]
      >>> member.predict(images).argmax(axis=1)
    """

    def __init__(self, run: Run | str | Path, row: FamilyRow) -> None:
        self.run = given_run(run)
        self.row = row

    def __repr__(self) -> str:
        return f"<FamilyMember {self.row.name} of {str(self.run.path)!r}>"

    @property
    def name(self) -> str:
        """Name of the member, such as "s2"."""
        return self.row.name

    @cached_property
    def _trained(self) -> TrainedMember:
        from scalenet_tf.members.evaluation import load_member

        return load_member(self.run, self.row.stage)

    @cached_property
    def model(self) -> keras.Model:
        """Plain Keras model, to evaluate, fine-tune or save: `model.save("s2.keras")`.

        It takes images [N, resolution, resolution, channels] in 0..255 and returns logits [N, classes]. It is
        not compiled. A loss is given `from_logits=True`. What is fitted further stays in this member, as
        `predict`, `evaluate` with images and `features` then show; the files of the run do not change.
        """
        return self._trained.model

    @cached_property
    def _image_size(self) -> int:
        """Side at which the run stores its images."""
        return self.run.data_info().image_size

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of each class."""
        return self._trained.labels

    @property
    def resolution(self) -> int:
        """Side of the images that `model` takes, in pixels."""
        return self._trained.subnet.resolution

    @cached_property
    def features(self) -> keras.Model:
        """Model that returns feature maps: a dict with "stride4", "stride8", … as far as the network goes.

        It shares its layers and weights with `model`.
        """
        from scalenet_tf.models.features import feature_pyramid

        return feature_pyramid(self.model, self._trained.subnet)

    def predict(self, images: Any) -> np.ndarray:
        """Returns the probabilities of the classes.

        Args:
          images: Array [N, H, W] or [N, H, W, channels] of any size, with values as in the training images;
            a list of such images without N, whose sizes may differ; or a list of image files. One image, as
            an array without N or as the path of a file, is taken for a batch of one.

        Returns:
          float32 [N, classes], of rows that sum to 1; for the task multi_label, where each class has a
          probability of its own, they need not.

        Raises:
          ScaleNetError: If the images have other channels or values, or a file is not an image.

        Example:
          >>> labels = [member.labels[k] for k in member.predict(["shoe.png"]).argmax(axis=1)]
        """
        if isinstance(images, str | Path):
            images = [images]
        if isinstance(images, list | tuple) and images and isinstance(images[0], str | Path):
            return self._probabilities([self._logits(self._read(path)) for path in images])
        from scalenet_tf.data.given_arrays import image_arrays

        found = image_arrays(images, "images")
        if isinstance(found, np.ndarray):
            found = _as_batch(found, self._trained.subnet.channels)
        if self._pixels.seems_scaled(self._pixels.batches(found, "images")):
            warnings.warn(
                "`images`: these floats of 0 to 1 are taken for pixels of 0 to 255, as in training, so that "
                "they are nearly black. If they were divided by 255, multiply them by it.",
                stacklevel=2,
            )
        return self._answers(found)

    @cached_property
    def _pixels(self) -> Pixels:
        """Range of the values that images have."""
        from scalenet_tf.data.pixels import Pixels

        own = read_own_images(self.run)
        return Pixels(own.pixels if own else "0..255")

    def _answers(self, images: np.ndarray | list[np.ndarray]) -> np.ndarray:
        """Returns the probabilities of images [N, …], or of a list of images of several sizes."""
        # Converted one by one, since all images as floats are several times as large as the images.
        pixels, batches = self._pixels, self._pixels.batches(images, "images")
        return self._probabilities([self._logits(pixels.to_uint8(batch, "images")) for batch in batches])

    def _probabilities(self, logits: list[np.ndarray]) -> np.ndarray:
        from scalenet_tf.models.outputs import probabilities

        if not logits:
            return np.zeros((0, len(self.labels)), np.float32)
        return np.asarray(probabilities(self.run.config.task, np.concatenate(logits)))

    def evaluate(self, data: GivenImages | str | Path | None = None) -> EvaluationResult:
        """Measures the accuracy, or for the task multi_label the mean average precision.

        Args:
          data: Images as for `search_family`; numbers of classes are in the order of `labels`, and classes
            with names are matched by name. Or a data source such as "folder:photos", likewise. Default: the
            test images of the run.

        Returns:
          The accuracy and the number of images.

        Raises:
          ScaleNetError: If the images do not fit the member.

        Example:
          >>> family["s2"].evaluate((x_new, y_new)).accuracy
        """
        from scalenet_tf.config.source import source_of
        from scalenet_tf.data.given import given_labels, given_split
        from scalenet_tf.data.label_names import matched
        from scalenet_tf.members.evaluation import EvaluationResult, evaluate_member
        from scalenet_tf.models.class_scores import ClassScores

        if data is None or isinstance(data, str | Path):
            return evaluate_member(self.run, self.row.stage, None if data is None else source_of(data))
        task, classes = self.run.config.task, len(self.labels)
        split = matched(given_split(data, "data"), self.labels, f"the member {self.name}")
        batches = self._pixels.unscaled(split.batches, "data")
        pairs = ((images, given_labels(labels, task, "data", classes)) for images, labels in batches)
        found = ClassScores.over(task, self._answers, pairs, classes)
        balanced = found.balanced_accuracy
        return EvaluationResult(found.score, found.images, balanced_accuracy=balanced, task=task)

    def export(self, form: Format | str = Format.saved_model) -> Path:
        """Writes the member in a format, unless that has been done.

        Args:
          form: "saved_model", "keras", "litert", "litert-float16" or "onnx".

        Returns:
          Folder of the export. TensorFlow Serving takes the one above it, of which a SavedModel is a version.

        Raises:
          ScaleNetError: If the answers of the export differ from the model's, or an extra is missing.

        Example:
          >>> family["s2"].export("keras")
        """
        from scalenet_tf.export import export_member

        if form not in [*Format]:
            raise InvalidInputError(f"`form` must be one of {[*map(str, Format)]}. Received: {form!r}")
        return export_member(self.run, self.row.stage, Format(form))

    def _logits(self, images: np.ndarray) -> np.ndarray:
        from scalenet_tf.data.find_format import decoder_of
        from scalenet_tf.data.fit import fitted_by_way_of

        channels = self._trained.subnet.channels
        if images.shape[-1] != channels:
            raise InvalidInputError(
                f"`images` must have {channels} channel(s), as in training. Received: {images.shape[-1]}"
            )
        with without_advice():
            data = self.run.config.data
            background = decoder_of(data).background
            squares = fitted_by_way_of(self._image_size, images, self.resolution, data.fit, background)
            return np.asarray(self.model.predict_on_batch(squares))

    def _read(self, path: str | Path) -> np.ndarray:
        """Returns one decoded image, uint8 [1, H, W, C]."""
        from scalenet_tf.data.find_format import decoder_of
        from scalenet_tf.data.one_image import UnreadableImageError, read_image

        decoder = decoder_of(self.run.config.data)
        try:
            return np.asarray(read_image(Path(path), self._trained.subnet.channels, decoder))[None]
        except UnreadableImageError as error:
            raise InvalidInputError(
                f"`images`: {str(path)!r} cannot be read as an image ({error.reason})"
            ) from error


def _as_batch(images: np.ndarray, channels: int) -> np.ndarray:
    """Returns an image [H, W] or [H, W, channels] as a batch of one, and other arrays as they are.

    Raises:
      ScaleNetError: If it is one image of other channels, of which each row would be taken for an image.
    """
    # A batch [N, H, W] is grey; one of colour has four axes, so [H, W, 3] is an image.
    if images.ndim == 2 or (images.ndim == 3 and images.shape[-1] == channels):
        return images[None]
    if images.ndim == 3 and images.shape[-1] in _SEVERAL_CHANNELS:
        raise InvalidInputError(
            f"`images` of the shape {list(images.shape)} looks like one image with {images.shape[-1]} "
            f"channels; the member takes {channels}. Convert it, or pass the file's path. Grey images that "
            f"are {images.shape[-1]} pixels wide need an axis for their channel: images[..., None]."
        )
    return images
