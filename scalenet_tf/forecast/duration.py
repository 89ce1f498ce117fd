"""The time that the steps of a run will take, from their work and the speed of this device."""

from __future__ import annotations

from dataclasses import dataclass

from scalenet_tf.config import RunConfig
from scalenet_tf.forecast.speed import DeviceSpeed
from scalenet_tf.forecast.work import MemberWork, StepWork, workload
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.formatting import aligned, count, duration

# A step prepares a network for more than the two functions that are timed: to validate, save and load it.
_PREPARATIONS = 2
_HEADINGS = ("step", "work", "MACs", "about")


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
    """The forecast of a run; as a text, a table of its steps.

    Attributes:
      steps: The steps that train, score and export networks; the others take seconds.

    Example:
      >>> print(sn.forecast_family("photos"))
    """

    steps: tuple[StepForecast, ...]

    @property
    def seconds(self) -> float:
        """Seconds of all steps."""
        return sum(step.seconds for step in self.steps)

    def __str__(self) -> str:
        """The work of each step, its multiply-adds, and the time of each and all."""
        rows = [
            (step.work.step, step.work.amount, count(step.work.macs), duration(step.seconds))
            for step in self.steps
        ]
        return aligned([_HEADINGS, *rows, ("in all", "", "", duration(self.seconds))], names=2)


def forecast_at(
    config: RunConfig,
    space: SearchSpace,
    info: DataInfo,
    speed: DeviceSpeed,
    start: WarmStart | None = None,
) -> Forecast:
    """Estimates the time of a run on a device of a known speed.

    Args:
      config: Configuration of the run.
      space: Search space of the run, with the channels and classes of the data.
      info: Facts of the images.
      speed: Speed of the device.
      start: Warm start of the search.
    """
    return at_speed(workload(config, space, info, start), speed, config.members.jobs)


def at_speed(work: tuple[StepWork, ...], speed: DeviceSpeed, jobs: int) -> Forecast:
    """Returns the forecast of some work at a given speed; `jobs` members train at a time."""
    steps = (
        StepForecast(step, _running(step, speed, jobs) + _PREPARATIONS * step.networks * speed.preparing)
        for step in work
    )
    return Forecast(tuple(steps))


def _running(step: StepWork, speed: DeviceSpeed, jobs: int) -> float:
    """Seconds of a step without those in which its networks are prepared.

    A group of members takes at least as long as the longest of them, however many train at a time.
    """
    if not step.groups:
        return _alone(step, speed)
    seconds = 0.0
    for group in step.groups:
        each = [_alone(member, speed) for member in group]
        seconds += max(speed.share_of_time(min(jobs, len(group))) * sum(each), *each)
    return seconds


def _alone(work: StepWork | MemberWork, speed: DeviceSpeed) -> float:
    return speed.training.seconds(work.trained) + speed.scoring.seconds(work.scored)
