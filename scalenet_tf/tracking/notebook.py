"""`NotebookProgress`: a live table of a run's progress in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.metrics import Metrics, read_metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.search.finished_trial import FinishedTrial, best_scores
from scalenet_tf.tracking.callback import RunCallback

_SECONDS = 0.5  # between two updates of a cell


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


def _ipython_display() -> Any:
    try:
        from IPython import display
    except ImportError as error:
        raise ScaleNetError("`NotebookProgress` needs IPython: pip install ipython") from error
    return display


class NotebookProgress(RunCallback):
    """Shows a bar and the latest results for each job step, in the cell that runs.

    `search_family` adds it by itself in the kernel of a notebook, unless `verbose=False`.

    Args:
      clock: Function that returns the seconds of a monotonic clock.

    Example:
      >>> steps.train(run, callbacks=[NotebookProgress()])
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._display: Any = _ipython_display()
        self._clock, self._shown = clock, -_SECONDS
        self._rows: dict[str, tuple[float, str]] = {}
        self._handle: Any = None
        self._step = ""
        self._best: dict[int, float] = {}
        self._members = self._trained = 0

    def on_step_begin(self, step: str) -> None:
        self._step = step
        if step == "retrain":
            stages = self.run.family().stages
            self._members = len(stages)
            self._trained = sum(read_metrics(self.run, stage) is not None for stage in stages)
        if step == "search":
            self._best = best_scores(self.run)
        self._show(0.0, "", now=True)

    def on_step_end(self, step: str) -> None:
        self._show(1.0, self._rows[step][1] or "done", now=True)

    def on_supernet_log(self, row: TrainingRow) -> None:
        steps = self.run.config.supernet.steps
        score = self.run.config.task.short_score
        text = f"step {row.step:,} of {steps:,}, loss {row.loss:.3f}, {score} {row.accuracy:.1%}"
        self._show(row.step / steps, text)

    def on_trial_end(self, trial: FinishedTrial) -> None:
        if trial.score is not None and not trial.epochs:
            best = self._best.get(trial.scaling_stage, 0.0)
            self._best[trial.scaling_stage] = max(best, trial.score)
        best_text = " ".join(f"S{stage} {score:.1%}" for stage, score in sorted(self._best.items()))
        self._show(trial.progress or 0.0, f"{trial.trial + 1:,} trials, best {best_text}")

    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        score = self.run.config.task.short_score
        text = f"{member}, epoch {row.epoch}: validation {score} {row.val_accuracy:.1%}"
        self._show(self._trained / max(1, self._members), text)

    def on_member_end(self, member: str, metrics: Metrics) -> None:
        self._trained += 1
        text = f"{member}: test {self.run.config.task.short_score} {metrics.test_accuracy:.1%}"
        self._show(self._trained / max(1, self._members), text, now=True)

    def _show(self, share: float, text: str, *, now: bool = False) -> None:
        self._rows[self._step] = (share, text)
        if not now and self._clock() - self._shown < _SECONDS:
            return
        self._shown = self._clock()
        page = self._display.HTML(self._html())
        if self._handle is None:
            self._handle = self._display.display(page, display_id=True)
        else:
            self._handle.update(page)

    def _html(self) -> str:
        bar = '<progress value="{:.4f}" max="1"></progress>'
        lines = (
            f"<tr><td>{step}</td><td>{bar.format(share)}</td><td>{escape(text)}</td></tr>"
            for step, (share, text) in self._rows.items()
        )
        return f"<table><caption>{escape(str(self.run.path))}</caption>{''.join(lines)}</table>"
