"""The work of a run before it begins, and the time that it will take on this device."""

from scalenet_tf.forecast.duration import Forecast, forecast
from scalenet_tf.forecast.work import StepWork, workload

__all__ = ["Forecast", "StepWork", "forecast", "workload"]
