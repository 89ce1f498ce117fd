"""A loaded data set: batches of each split at any resolution."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from scalenet_tf.config import AugmentationConfig
from scalenet_tf.data.augment import augment
from scalenet_tf.data.examples import Examples
from scalenet_tf.data.order import Share
from scalenet_tf.data.pipeline_options import PARALLEL, PREFETCH, untuned
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.utils.random_streams import RandomStream

Split = Literal["train", "validation", "test"]
_ENDLESS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class DataSet:
    """Three disjoint splits of images; `load_data` makes it.

    Batches are (float32 [B, r, r, C] in 0..255, int32 [B] or multi-hot int8 [B, classes]). The test split is
    read only when its batches are first requested.

    Attributes:
      info: Facts of the data set.
      train: Examples of the train split.
      validation: Examples of the validation split.
      read_test: Reads the examples of the test split.
      places: The place in the source that each split comes from, such as "valid/".
    """

    info: DataInfo
    train: Examples
    validation: Examples
    read_test: Callable[[], Examples] = field(repr=False)
    places: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def test(self) -> Examples:
        return self.read_test()

    def examples(self, split: Split) -> Examples:
        """The examples of a split; their `count` excludes images that could not be decoded.

        Raises:
          ScaleNetError: If the split is unknown.
        """
        if split not in (splits := ("train", "validation", "test")):
            raise InvalidInputError(
                f"`split` must be one of {list(splits)}. Received: {split!r}.{nearest(split, splits)}"
            )
        found: Examples = getattr(self, split)
        return found

    def numbered(self) -> DataSet:
        """The same data set whose training batches hold, in place of labels, positions in the train split."""
        return replace(self, train=self.train.numbered())

    def steps_per_epoch(self, batch_size: int) -> int:
        """Number of whole batches in one epoch of the train split."""
        return self._steps(Share(batch_size))

    def training_batches(
        self,
        *,
        batch_size: int,
        seed: int,
        resolutions: Sequence[int] | np.ndarray | int,
        start_step: int = 0,
        augmentation: AugmentationConfig | None = None,
        input_context: tf.distribute.InputContext | None = None,
    ) -> tf.data.Dataset:
        """Batches for training step by step; a resumed run gets the batches of an uninterrupted one.

        Args:
          batch_size: Images per step, over all replicas.
          seed: Seed of the order of each epoch and of the augmentation.
          resolutions: Side of the images in pixels: one for all steps, one for each step from step 0, or
            [steps, k] for k sizes of the images in each step.
          start_step: Step of the first batch.
          augmentation: Random changes. Default: none.
          input_context: Context of `tf.distribute`, to deliver one worker's share, one replica's part at a
            time. Default: whole batches.

        Returns:
          One batch for each step from `start_step` to the last of `resolutions`; endless for an int. With k
          sizes, its images are a tuple of k tensors. Each epoch is one shuffle, whose partial last batch is
          dropped.

        Raises:
          ScaleNetError: If `batch_size` exceeds the train split or does not divide among replicas.

        Example:
          >>> images, labels = next(iter(data.training_batches(batch_size=128, seed=0, resolutions=[20, 24])))
          >>> images.shape
          TensorShape([128, 20, 20, 1])
        """
        share = Share.of(batch_size, input_context)
        per_epoch = self._steps(share)
        first, skip = divmod(start_step, per_epoch)
        epochs = tf.data.Dataset.range(first, _ENDLESS).map(
            lambda epoch: (epoch, tf.where(epoch == first, np.int64(skip * share.parts), np.int64(0)))
        )
        steps = tf.data.Dataset.range(start_step, _ENDLESS)
        if isinstance(resolutions, int | np.integer):
            timetable = steps.map(lambda step: (step, resolutions))
        else:
            rest = np.asarray(resolutions, np.int32)[start_step:]
            timetable = tf.data.Dataset.zip(steps, tf.data.Dataset.from_tensor_slices(rest))
        return self._produce(epochs, timetable, seed, share, augmentation)

    def epoch_batches(
        self,
        *,
        batch_size: int,
        seed: int,
        epoch: int,
        resolution: int,
        augmentation: AugmentationConfig | None = None,
    ) -> tf.data.Dataset:
        """One epoch of the train split for Keras' `fit`, which depends on (seed, epoch) only.

        Args:
          batch_size: Images per batch.
          seed: Seed of the order and of the augmentation.
          epoch: Number of the epoch, from 0.
          resolution: Side of the images in pixels.
          augmentation: Random changes. Default: none.

        Returns:
          `steps_per_epoch(batch_size)` batches of static shape, equal to those of the same steps in
          `training_batches`.

        Raises:
          ScaleNetError: If `batch_size` exceeds the train split.
        """
        share = Share(batch_size)
        steps = self._steps(share)
        epochs = tf.data.Dataset.from_tensors((np.int64(epoch), np.int64(0)))
        timetable = tf.data.Dataset.range(epoch * steps, (epoch + 1) * steps).map(
            lambda step: (step, resolution)
        )
        batches = self._produce(epochs, timetable, seed, share, augmentation)
        shape = (batch_size, resolution, resolution, self.info.channels)
        batches = batches.map(
            lambda images, labels: (
                tf.ensure_shape(images, shape),
                tf.ensure_shape(labels, (batch_size, *labels.shape[1:])),
            )
        )
        return batches.apply(tf.data.experimental.assert_cardinality(steps))

    def evaluation_batches(
        self,
        split: Split,
        *,
        resolution: int,
        batch_size: int,
        limit: int | None = None,
        seed: int | None = None,
    ) -> tf.data.Dataset:
        """A split in fixed order, resized and not augmented; the last batch may be smaller.

        Args:
          split: "train", "validation" or "test".
          resolution: Side of the images in pixels.
          batch_size: Images per batch.
          limit: Number of images. Default: all.
          seed: Seed by which they are drawn from a split in the order of its source, which may be sorted by
            class; a part of train is in random order already. Default: the first ones.

        Raises:
          ScaleNetError: If the split is unknown.
        """
        examples = self.examples(split)
        some: np.ndarray | None = None
        if limit is not None and limit < examples.count:
            some = np.arange(limit)
            if seed is not None and examples.in_source_order:
                rng = np.random.default_rng([seed, RandomStream.IMAGES_OF_SPLIT])
                some = np.sort(rng.permutation(examples.count)[:limit])
        # As an element rather than a constant, so that the size stays dynamic; see `_at`.
        sizes = tf.data.Dataset.from_tensors(np.int32(resolution)).repeat()
        return untuned(
            tf.data.Dataset.zip(examples.ordered(batch_size, some), sizes)
            .map(
                lambda example, size: (self._at(example[0], size), example[1]),
                num_parallel_calls=PARALLEL,
            )
            .prefetch(PREFETCH)
        )

    def calibration_images(self, count: int, seed: int) -> np.ndarray:
        """Random training images to measure batch-norm statistics with.

        Args:
          count: Number of images.
          seed: Seed of the draw.

        Returns:
          uint8 [count, S, S, C]; all training images if there are fewer.
        """
        rng = np.random.default_rng([seed, RandomStream.CALIBRATION])
        return self.train.take(rng.permutation(self.train.count)[:count])

    def _steps(self, share: Share) -> int:
        steps = self.train.steps(share)
        if not steps:
            raise InvalidInputError(
                f"`batch_size` must be at most the {self.train.count} images of the train split. "
                f"Received: {share.batch_size}"
            )
        return steps

    def _produce(
        self,
        epochs: tf.data.Dataset,
        timetable: tf.data.Dataset,
        seed: int,
        share: Share,
        augmentation: AugmentationConfig | None,
    ) -> tf.data.Dataset:
        """Joins batches with the step and the resolution that they are for."""
        key = np.random.SeedSequence([seed, RandomStream.AUGMENTATION]).generate_state(1)[0]
        parts = tf.data.Dataset.range(share.parts)
        timetable = timetable.flat_map(
            lambda step, resolution: parts.map(lambda part: (step, resolution, part))
        )
        batches = tf.data.Dataset.zip(self.train.shuffled(epochs, seed, share), timetable)

        def finish(example: tuple, when: tuple) -> tuple[Any, tf.Tensor]:
            (images, labels), (step, resolution, part) = example, when
            if augmentation is not None:
                position = share.pipeline * share.local + tf.cast(part, tf.int32) * share.part
                change = partial(augment, config=augmentation, position=position, total=share.batch_size)
                images = change(images, key=tf.stack([tf.constant(int(key), tf.int64), step]))
            if resolution.shape.rank:
                return tuple(self._at(images, size) for size in tf.unstack(resolution)), labels
            return self._at(images, resolution), labels

        return untuned(batches.map(finish, num_parallel_calls=PARALLEL).prefetch(PREFETCH))

    def _at(self, images: tf.Tensor, resolution: tf.Tensor) -> tf.Tensor:
        # `resolution` is a tensor, so that a function traced for one size takes every other.
        return tf.ensure_shape(
            resize(images, tf.cast(resolution, tf.int32)), [None, None, None, self.info.channels]
        )
