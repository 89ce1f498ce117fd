"""The training log: JSON rows, TensorBoard summaries, and a progress bar or lines on the console."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol

import tensorflow as tf

from scalenet_tf.run.layout import TENSORBOARD, TRAINING_LOG
from scalenet_tf.run.progress_rows import TrainingRow, read_training_log
from scalenet_tf.utils import files
from scalenet_tf.utils.formatting import time_left
from scalenet_tf.utils.progress import STEP_LINE_SECONDS, Pace, bar_console, line_level, step_bar
from scalenet_tf.utils.stopwatch import Stopwatch
from scalenet_tf.utils.value_file import row_line

logger = logging.getLogger(__name__)


class ProgressLog(Protocol):
    """Receives the progress of a training."""

    def rewind(self, step: int) -> None:
        """Drops everything logged after `step`."""

    def advance(self) -> None:
        """Counts one more step."""

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Logs a line."""

    def write(self, row: TrainingRow) -> None:
        """Logs a row, the numbers of the last steps."""


class WorkerLog:
    """Prints the messages of a worker; the chief writes the log and shows the progress."""

    def __init__(self, index: int):
        self._index = index

    def rewind(self, step: int) -> None:
        """Does nothing: a worker logs no steps."""

    def advance(self) -> None:
        """Does nothing: the chief shows the progress."""

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Logs a line with the number of the worker."""
        logger.log(level, "worker %d: %s", self._index, text)

    def write(self, row: TrainingRow) -> None:
        """Does nothing: the chief writes the log."""


class TrainingLog:
    """Appends rows to RUN/supernet/log.jsonl and shows the progress.

    Args:
      folder: The folder RUN/supernet.
      steps: Number of steps of the whole training.
      begun_at: Step that this process starts from. Rows of later steps are dropped.
      watch: Stopwatch that saves its time with each row.
      on_row: Called with each new row.
      clock: Function that returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        folder: Path,
        steps: int,
        begun_at: int,
        watch: Stopwatch,
        on_row: Callable[[TrainingRow], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._path = folder / TRAINING_LOG
        self._steps, self._begun_at, self._watch, self._on_row = steps, begun_at, watch, on_row
        self._clock, self._started = clock, clock()
        self._console = bar_console()
        self._step, self._pace = begun_at, Pace(STEP_LINE_SECONDS, clock)
        self._events = folder / TENSORBOARD
        self._bar = step_bar(self._console)
        self._task = self._bar.add_task(
            "super-supernet", total=steps, completed=begun_at, results="tracing the step…"
        )
        self.rewind(begun_at)

    def __enter__(self) -> TrainingLog:
        self._bar.start()
        self._line(f"step {self._begun_at}/{self._steps}, tracing the step")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._writer.close()

    def rewind(self, step: int) -> None:
        """Drops rows after `step`, and an incomplete last row, from the log and from TensorBoard."""
        rows = [row for row in read_training_log(self._path) if row.step <= step]
        if self._path.is_file():
            files.write_text(self._path, "".join(map(row_line, rows)))
        shutil.rmtree(self._events, ignore_errors=True)
        if self._events.is_file():  # in the place of the folder
            self._events.unlink()
        self._writer = tf.summary.create_file_writer(str(self._events))
        for row in rows:
            self._summarise(row)
        self._bar.update(self._task, completed=step)
        self._step = step

    def advance(self) -> None:
        """Counts one more step; without a bar, a line says so from time to time."""
        self._bar.advance(self._task)
        self._step += 1
        if self._pace.is_due():
            self._line(f"step {self._step}/{self._steps}, {self._left(self._step)}")

    def say(self, text: str, level: int = logging.INFO) -> None:
        """Logs a line; on a terminal it stands above the bar."""
        logger.log(level, "%s", text)

    def write(self, row: TrainingRow) -> None:
        """Writes a row to the log and to TensorBoard, and shows it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(row_line(row))
        self._watch.note()
        self._summarise(row)
        stages = " ".join(f"s{stage} {value:.0%}" for stage, value in row.stage_accuracy.items())
        state = f"loss {row.loss:.3f}, {stages}, {row.images_per_second:.0f} images/s"
        self._bar.update(self._task, results=state)
        self._line(f"step {row.step}/{self._steps}, {state}, {self._left(row.step)}")
        self._pace.restart()
        if self._on_row is not None:
            self._on_row(row)

    def _line(self, text: str) -> None:
        self.say(f"super-supernet: {text}", line_level(self._console))

    def _summarise(self, row: TrainingRow) -> None:
        with self._writer.as_default(step=row.step):
            for name in ("loss", "accuracy", "gradient_norm", "learning_rate", "images_per_second"):
                tf.summary.scalar(name, getattr(row, name))
            for kind, by_stage in (("stage_loss", row.stage_loss), ("stage_accuracy", row.stage_accuracy)):
                for stage, value in by_stage.items():
                    tf.summary.scalar(f"{kind}/s{stage}", value)

    def _left(self, step: int) -> str:
        rate = (self._clock() - self._started) / max(1, step - self._begun_at)
        return time_left(rate * (self._steps - step))
