"""`ForecastInLog`: a run tells how long all of it takes once its first steps have shown the speed."""

from __future__ import annotations

import logging
import time

from scalenet_tf.costs.macs import TRAINING_PASSES
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.forecast.duration import Forecast, forecast_at
from scalenet_tf.forecast.speed import DeviceSpeed, Speed
from scalenet_tf.forecast.work import mean_step_macs
from scalenet_tf.run.progress_rows import TrainingRow
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.utils.formatting import count, duration

logger = logging.getLogger(__name__)


class ForecastInLog(RunCallback):
    """Logs the work of a run, and the most time that it takes at the speed of its first steps.

    It is the most, because members are larger and need less time for a multiply-add. The first row of the
    training log is left out, since the step is traced in it.

    Example:
      >>> sn.search_family("folder:photos", callbacks=[ForecastInLog()])
    """

    def __init__(self) -> None:
        self._first: TrainingRow | None = None
        self._clocks = (0.0, 0.0)
        self._announced = False

    def on_supernet_log(self, row: TrainingRow) -> None:
        if self._announced:
            return
        if self._first is None or row.step <= self._first.step:  # A training that diverged goes back.
            self._first, self._clocks = row, (time.perf_counter(), time.process_time())
            return
        begun, busy = self._clocks
        cores = (time.process_time() - busy) / (time.perf_counter() - begun)
        self._announced = True
        try:
            self._announce(self._first, row, cores)
        except ScaleNetError as error:  # An announcement must not end a training.
            logger.debug("the time of the whole run is unknown: %s", error)

    def _announce(self, first: TrainingRow, second: TrainingRow, cores: float) -> None:
        config, space = self.run.config, self.run.space()
        macs = mean_step_macs(config, space, range(first.step, second.step))
        per_mac = 1 / (second.images_per_second * macs)
        speed = DeviceSpeed(Speed(0.0, per_mac), Speed(0.0, per_mac / TRAINING_PASSES), cores)
        found = forecast_at(config, space, self.run.data_info(), speed, self.run.warm_start())
        logger.info("the whole run: %s", in_words(found))


def in_words(found: Forecast) -> str:
    """Returns a forecast as a sentence: the work of each step, its multiply-adds, and the time of all.

    Args:
      found: The forecast.
    """
    parts = [f"{step.work.amount} ({count(step.work.macs)} MACs)" for step in found.steps if step.work.macs]
    return f"{', '.join(parts)}; at most about {duration(found.seconds)} at this speed"
