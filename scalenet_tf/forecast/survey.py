"""A look at a run before it begins: its configuration, space and images, and the speed of this device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scalenet_tf.checks import check_run
from scalenet_tf.config import RunConfig, update_config
from scalenet_tf.data import DataSet
from scalenet_tf.data.load import load_checked
from scalenet_tf.forecast.duration import Forecast, forecast_at
from scalenet_tf.forecast.speed import DeviceSpeed, measure_speed
from scalenet_tf.forecast.within import settings_within
from scalenet_tf.run.paths import with_absolute_paths
from scalenet_tf.run.requested_space import check_growth, requested_space
from scalenet_tf.run.warm_start import WarmStart, read_warm_start
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.compound_growth import expected_side
from scalenet_tf.utils.tf_setup import load_tensorflow, setup


@dataclass(frozen=True)
class Survey:
    """A run before it begins, and how fast this device is for it.

    Attributes:
      config: The configuration.
      space: Search space, with the channels and classes of the images.
      data: Images of the run.
      speed: Speed of this device, by a few real steps.
      start: Warm start of the search.
    """

    config: RunConfig
    space: SearchSpace
    data: DataSet
    speed: DeviceSpeed
    start: WarmStart | None = None

    def settings_within(self, minutes: float) -> dict[str, Any]:
        """The settings with which the run takes at most about some minutes, by dotted key."""
        seconds = 60 * minutes
        return settings_within(self.config, self.space, self.data.info, self.speed, seconds, self.start)

    def with_settings(self, settings: Mapping[str, Any]) -> Survey:
        """The survey of the same run with other settings."""
        return replace(self, config=update_config(self.config, settings))

    def forecast(self) -> Forecast:
        """The work of the run, and its time on this device."""
        return forecast_at(self.config, self.space, self.data.info, self.speed, self.start)


def surveyed(config: RunConfig, *, fast: bool) -> Survey:
    """Looks at a run, and times a few steps of its networks. Writes nothing.

    Args:
      config: Configuration of the run.
      fast: Whether this process may skip determinism.

    Raises:
      ScaleNetError: If the run could not be begun.
    """
    load_tensorflow()
    setup(fast=fast or config.fast)
    import keras

    config = with_absolute_paths(config)  # as a run has them: ~ is the home folder
    space, start = requested_space(config), read_warm_start(config.search.warm_start)
    side = expected_side(space, config.scale.extra_stages)
    check_growth(space)
    data = load_checked(config.data, config.seed, side=side, task=config.task).data
    space = space.for_data(data.info.channels, data.info.classes)
    check_run(config, space, data.info.counts["train"], start)
    speed = measure_speed(config, space, data)
    keras.backend.clear_session()  # A run that begins in this process numbers its layers from the first.
    return Survey(config, space, data, speed, start)
