"""`SubnetScorer`: the score of a subnet on the validation split, with shared weights."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from scalenet_tf.config import SearchConfig, Task
from scalenet_tf.data import DataSet
from scalenet_tf.data.damage import damage_named
from scalenet_tf.data.pipeline_options import untuned
from scalenet_tf.data.resize import resize
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.space import Subnet

# Resized images are cached up to this size, over all resolutions. Larger sets are read each time.
CACHE_BYTES = 512 * 2**20
Batches = tuple[Iterable[tf.Tensor], Iterable[tuple[tf.Tensor, np.ndarray]]]


class SubnetScorer:
    """Scores subnets: batch norm is recalibrated on a fixed set of images, then the score is measured.

    Args:
      supernet: Super-supernet that the subnets take their weights from.
      data: Data set. Calibration images come from its train split, scores from its validation split.
      config: Numbers of images and batch size.
      seed: Seed of the choice of calibration images, and of validation images if not all are used.
      task: Task of the images, which decides the score: accuracy, or mean average precision.

    Example:
      >>> SubnetScorer(net, data, config.search, seed=0).score(subnet)
      0.874
    """

    def __init__(
        self,
        supernet: SuperSupernet,
        data: DataSet,
        config: SearchConfig,
        seed: int,
        task: Task = Task.single_label,
    ):
        self.evaluator = SubnetEvaluator(supernet)
        self._task = task
        self._data = data
        self._config, self._seed = config, seed
        calibration = data.calibration_images(config.recalibration_images, seed)
        # Statistics are pooled over batches of equal size, so a partial last batch is left out.
        self._calibration_batch = min(config.batch_size, len(calibration))
        self._calibration = calibration[
            : len(calibration) // self._calibration_batch * self._calibration_batch
        ]
        validation = data.info.counts["validation"]
        # Images that run through the subnet for one score.
        self.images_per_score = len(self._calibration) + min(
            config.validation_images or validation, validation
        )
        self._kept: dict[int, Batches] = {}

    def score(self, subnet: Subnet) -> float:
        """Returns the score of a subnet in [0, 1]. Equal subnets have equal scores.

        Raises:
          DamagedFileError: If an image cannot be read any more.
        """
        with damage_named(self._data):
            calibration, validation = self._images(subnet.resolution)
            statistics = self.evaluator.recalibrate(subnet, calibration)
            return self.evaluator.score(self._task, statistics, validation)

    def _images(self, resolution: int) -> Batches:
        """Returns the batches of one resolution, cached if they fit; the oldest ones are dropped for them."""
        if resolution in self._kept:
            return self._kept[resolution]
        calibration, validation = self._read(resolution)
        room = CACHE_BYTES - self._size(resolution)
        if room < 0:
            return calibration, validation
        while sum(map(self._size, self._kept)) > room:
            del self._kept[next(iter(self._kept))]
        self._kept[resolution] = list(calibration), list(validation)
        return self._kept[resolution]

    def _size(self, resolution: int) -> int:
        """Returns the bytes of the images of one score."""
        return self.images_per_score * resolution**2 * self._data.info.channels * 4

    def _read(self, resolution: int) -> Batches:
        size = self._config.batch_size
        stored = tf.data.Dataset.from_tensor_slices(self._calibration).batch(self._calibration_batch)
        calibration = untuned(stored.map(lambda images: resize(images, resolution)))
        limit = self._config.validation_images
        validation = self._data.evaluation_batches(
            "validation", resolution=resolution, batch_size=size, limit=limit, seed=self._seed
        )
        return calibration, validation
