"""The work of a run before it begins, and the time that it will take on this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.forecast.duration import Forecast as Forecast
    from scalenet_tf.forecast.duration import StepForecast as StepForecast
    from scalenet_tf.forecast.work import StepWork as StepWork
    from scalenet_tf.forecast.work import workload as workload

_HOMES = {"Forecast": "duration", "StepForecast": "duration", "StepWork": "work", "workload": "work"}
__all__ = ["Forecast", "StepForecast", "StepWork", "workload"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
