"""The speed of this device: a few real steps of a small and a large network of the space."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from scalenet_tf.config import RunConfig, recipe_of
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.data import DataSet
from scalenet_tf.forecast.work import Images
from scalenet_tf.members.compiled import compiled_model
from scalenet_tf.members.plan import Plan, one_hot
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.compound_growth import efficientnet_growth
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils.processes import usable_cores
from scalenet_tf.utils.random_streams import RandomStream
from scalenet_tf.utils.timing import time_calls

logger = logging.getLogger(__name__)

Point = tuple[int, float]  # multiply-adds and seconds of an image
_WARM_UP = 2
_FEWEST = 3
_MOST = 10
_SECONDS = 3.0
_MOST_DOUBLINGS = 3


@dataclass(frozen=True)
class Speed:
    """Seconds of a pass, as a line over the multiply-adds of an image.

    Attributes:
      per_image: Seconds of an image, whatever the network.
      per_mac: Seconds of a multiply-add.
    """

    per_image: float
    per_mac: float

    @classmethod
    def through(cls, small: Point, large: Point) -> Speed:
        """Returns the line through two measurements (multiply-adds, seconds of an image).

        Where the larger network is no slower, the line begins at 0 and meets the larger one.
        """
        (macs, seconds), (more_macs, more_seconds) = small, large
        slope = (more_seconds - seconds) / (more_macs - macs) if more_macs > macs else 0.0
        start = seconds - slope * macs
        if slope <= 0 or start < 0:
            return cls(0.0, more_seconds / more_macs)
        return cls(start, slope)

    def seconds(self, images: Images) -> float:
        """Seconds that images take."""
        return self.per_image * images.count + self.per_mac * images.macs


class Measured(NamedTuple):
    """A network's points of training and scoring, the cores it keeps busy, and the seconds to prepare it."""

    training: Point
    scoring: Point
    cores: float
    preparing: float


@dataclass(frozen=True)
class DeviceSpeed:
    """Speed of training and of scoring in one process.

    Attributes:
      training: Forward and backward pass, and the update of the weights.
      scoring: Forward pass.
      cores: Number of cores that training keeps busy, on average.
      preparing: Seconds that a network takes to be built and traced.
    """

    training: Speed
    scoring: Speed
    cores: float
    preparing: float = 0.0

    @classmethod
    def through(cls, measured: Sequence[Measured]) -> DeviceSpeed:
        """Returns the speed of a device by one network, or by a small and a large one."""
        first, last = measured[0], measured[-1]
        return cls(
            Speed.through(first.training, last.training),
            Speed.through(first.scoring, last.scoring),
            float(np.mean([one.cores for one in measured])),
            float(np.mean([one.preparing for one in measured])),
        )

    def share_of_time(self, jobs: int) -> float:
        """Share of one process' time that several need for the same work: they fill the idle cores."""
        return max(1 / jobs, min(1.0, self.cores / usable_cores()))


def measure_speed(config: RunConfig, space: SearchSpace, data: DataSet) -> DeviceSpeed:
    """Times a few steps of a member of the first and of the last scaling stage, as training takes them.

    Args:
      config: Configuration of the run.
      space: Search space of the run, with the channels and classes of the data.
      data: Images of the run.
    """
    measured = [
        _measure(config, data, stage, subnet) for stage, subnet in timed_networks(config, space).items()
    ]
    return DeviceSpeed.through(measured)


def timed_networks(config: RunConfig, space: SearchSpace) -> dict[int, Subnet]:
    """A network of the first scaling stage and one of the last, from the same base.

    If S0 alone is searched, the last is an extrapolated one of EfficientNet's proportions, but not beyond the
    stage after three doublings of multiply-adds: a larger one takes longer, and tells as much.
    """
    rng = np.random.default_rng([config.seed, RandomStream.POOL])
    pool = draw_pool(space, rng)
    scalings = pool.at(pool.choose_at_random(rng))
    last = len(scalings) - 1
    fitting = int(np.flatnonzero(pool.feasible[last][pool.scalings[last].index(scalings[last])])[0])
    base = decode(space, pool.bases[fitting : fitting + 1])[0]
    networks = {stage: scale(space, base, scalings[stage]) for stage in (0, last)}
    most = max(1, int(_MOST_DOUBLINGS / math.log2(space.budget.growth)))
    if not last and (extra := min(config.scale.extra_stages, most)):
        depth, width, side = (each**extra for each in efficientnet_growth(space.budget.growth))
        scaling = Scaling.of(round(depth, 3), round(width, 3), round(side * scalings[0].resolution))
        networks[extra] = scale(space, base, scaling)
    return networks


def _measure(config: RunConfig, data: DataSet, stage: int, subnet: Subnet) -> Measured:
    logger.info(f"timing a few steps of S{stage}")
    recipe = recipe_of(config.members, stage)
    batches = data.epoch_batches(
        batch_size=recipe.batch_size,
        seed=config.seed,
        epoch=0,
        resolution=subnet.resolution,
        augmentation=config.data.augmentation,
    )
    images, labels = next(iter(one_hot(batches, data.info.classes)))
    begun = time.perf_counter()
    model = compiled_model(subnet, stage, Plan.starting(recipe, stage, inherits=False), config, 1)

    def point(call: Callable[[], object]) -> Point:
        times = time_calls(call, warm_up=_WARM_UP, fewest=_FEWEST, most=_MOST, seconds=_SECONDS)
        return cost(subnet).macs, float(np.median(times)) / 1000 / recipe.batch_size

    # Keras waits for the results of both.
    model.train_on_batch(images, labels)  # traces
    model.predict_on_batch(images)
    preparing = time.perf_counter() - begun
    busy, begun = time.process_time(), time.perf_counter()
    training = point(lambda: model.train_on_batch(images, labels))
    cores = (time.process_time() - busy) / (time.perf_counter() - begun)
    return Measured(training, point(lambda: model.predict_on_batch(images)), cores, preparing)
