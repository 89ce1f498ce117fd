"""The time that the steps of a run will take, from their work and the speed of this device."""

from __future__ import annotations

from dataclasses import dataclass

from scalenet_tf.config import RunConfig
from scalenet_tf.data import DataSet
from scalenet_tf.forecast.speed import DeviceSpeed, measure_speed
from scalenet_tf.forecast.work import StepWork, workload
from scalenet_tf.space import SearchSpace


@dataclass(frozen=True)
class StepForecast:
    """The work of a job step and its time.

    Attributes:
      work: The work.
      seconds: Seconds on this device.
    """

    work: StepWork
    seconds: float


@dataclass(frozen=True)
class Forecast:
    """The forecast of a run.

    Attributes:
      steps: The steps that train and score networks; the others take seconds.
    """

    steps: tuple[StepForecast, ...]

    @property
    def seconds(self) -> float:
        """Seconds of all steps."""
        return sum(step.seconds for step in self.steps)


def forecast(config: RunConfig, space: SearchSpace, data: DataSet) -> Forecast:
    """Estimates the time of a run by timing a few real steps on this device.

    Other work on the machine makes the estimate longer. The time to start and to prepare networks is not
    in it: some seconds for each distinct network.

    Args:
      config: Configuration of the run.
      space: Search space of the run, with the channels and classes of the data.
      data: Images of the run.

    Example:
      >>> forecast(config, space, data).seconds
    """
    speed = measure_speed(config, space, data)
    return at_speed(workload(config, space, data.info), speed, config.members.jobs)


def at_speed(work: tuple[StepWork, ...], speed: DeviceSpeed, jobs: int) -> Forecast:
    """Returns the forecast of some work at a given speed; `jobs` members train at a time."""
    shares = {"retrain": speed.share_of_time(jobs)}
    steps = (
        StepForecast(
            step,
            shares.get(step.step, 1.0)
            * (speed.training.seconds(step.trained) + speed.scoring.seconds(step.scored)),
        )
        for step in work
    )
    return Forecast(tuple(steps))
