"""A callback of a run that notes what it hears."""

from __future__ import annotations

from typing import Any

from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.search.finished_trial import FinishedTrial
from scalenet_tf.tracking.callback import RunCallback


class Listener(RunCallback):
    """Notes (event, value), and raises ValueError at `fails_at`.

    Args:
      fails_at: An entry of `heard`.
    """

    def __init__(self, fails_at: tuple[Any, ...] | None = None) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.fails_at = fails_at

    def _note(self, *event: Any) -> None:
        self.heard.append(event)
        if event == self.fails_at:
            raise ValueError("on purpose")

    def on_step_begin(self, step: str) -> None:
        self._note("step_begin", step)

    def on_step_end(self, step: str) -> None:
        self._note("step_end", step)

    def on_supernet_log(self, row: TrainingRow) -> None:
        self._note("supernet", row.step)

    def on_trial_end(self, trial: FinishedTrial) -> None:
        self._note("trial", trial.trial)

    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        self._note("epoch", member, row.epoch)

    def on_member_end(self, member: str, metrics: Metrics) -> None:
        self._note("member", member, metrics.epochs)

    def on_end(self) -> None:
        self._note("end")
