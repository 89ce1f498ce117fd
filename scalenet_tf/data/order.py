"""The order of images, a pure function of (seed, epoch) that is the same on every worker; random splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.random_streams import RandomStream


@dataclass(frozen=True)
class Share:
    """The part of each global batch that one input pipeline delivers to its replicas.

    Attributes:
      batch_size: Images of the global batch.
      pipelines: Number of input pipelines.
      pipeline: Number of this pipeline, from 0.
      parts: Number of replicas of this pipeline; each gets one element per step.
    """

    batch_size: int
    pipelines: int = 1
    pipeline: int = 0
    parts: int = 1

    @classmethod
    def of(cls, batch_size: int, context: tf.distribute.InputContext | None) -> Share:
        """Makes the share for a context of `tf.distribute`; without one, the whole batch in one part."""
        if context is None:
            return cls(batch_size)
        if batch_size % context.num_replicas_in_sync:
            raise InvalidInputError(
                f"`batch_size` must be a multiple of the {context.num_replicas_in_sync} replicas. "
                f"Received: {batch_size}"
            )
        parts = context.num_replicas_in_sync // context.num_input_pipelines
        return cls(batch_size, context.num_input_pipelines, context.input_pipeline_id, parts)

    @property
    def local(self) -> int:
        """Number of images per step that this pipeline delivers."""
        return self.batch_size // self.pipelines

    @property
    def part(self) -> int:
        """Number of images per element."""
        return self.local // self.parts


def epoch_rows(rows: np.ndarray, seed: int, epoch: int, share: Share) -> np.ndarray:
    """Shuffles `rows` for one epoch, as [elements, images per element]; a partial last batch is left out."""
    steps = len(rows) // share.batch_size
    order = np.random.default_rng([seed, RandomStream.ORDER, epoch]).permutation(rows)
    batches = order[: steps * share.batch_size].reshape(steps, share.batch_size)
    begin = share.pipeline * share.local
    return batches[:, begin : begin + share.local].reshape(steps * share.parts, share.part)


def split_rows(
    labels: np.ndarray, fraction: float, seed: int, stream: RandomStream
) -> tuple[np.ndarray, np.ndarray]:
    """Splits rows in two: stratified by class; those of multi-hot labels at random, each class in the first.

    Args:
      labels: int [N], or multi-hot [N, classes].
      fraction: Fraction of the images in the second part.
      seed: Seed of the split.
      stream: Random stream of the split.

    Raises:
      ScaleNetError: If there are too few images; see `stratified_split`.
    """
    if labels.ndim == 1:
        return stratified_split(labels, fraction, seed, stream)
    return _split_keeping_classes(labels, fraction, seed, stream)


def _split_keeping_classes(
    labels: np.ndarray, fraction: float, seed: int, stream: RandomStream
) -> tuple[np.ndarray, np.ndarray]:
    """Splits multi-hot rows; see `split_rows`.

    An image belongs to several classes, so no split has the same fraction of each of them. A random one has
    nearly that of the frequent classes. Of a rare class it may leave no image in the first part, which is
    trained on: then one of its images is moved there.
    """
    if len(labels) < 2:
        raise InvalidInputError(f"at least two images are needed to be split. Received: {len(labels)}.")
    rows = np.random.default_rng([seed, stream]).permutation(len(labels))
    count = min(max(1, round(fraction * len(rows))), len(rows) - 1)
    part, rest = rows[:count], rows[count:]
    for label in np.flatnonzero(labels.any(axis=0)):
        if not labels[rest, label].any():
            moved = part[labels[part, label] > 0][:1]
            rest, part = np.append(rest, moved), part[part != moved]
    return rest, part


def stratified_split(
    labels: np.ndarray, fraction: float, seed: int, stream: RandomStream
) -> tuple[np.ndarray, np.ndarray]:
    """Splits rows in two, stratified by class.

    Args:
      labels: int [N].
      fraction: Fraction of each class in the second part, rounded, with at least one image in each part.
      seed: Seed of the split.
      stream: Random stream of the split.

    Returns:
      The rows of the first and of the second part, disjoint, in random order.

    Raises:
      ScaleNetError: If a class has fewer than two images.
    """
    rng = np.random.default_rng([seed, stream])
    rest, part = [], []
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        if len(rows) < 2:
            raise InvalidInputError(
                f"a class needs at least two images to be split. Class {label} has {len(rows)}. "
                "Give more images of it, or leave the class out."
            )
        count = min(max(1, round(fraction * len(rows))), len(rows) - 1)
        part.append(rows[:count])
        rest.append(rows[count:])
    return rng.permutation(np.concatenate(rest)), rng.permutation(np.concatenate(part))
