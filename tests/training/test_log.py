"""Lines of the super-supernet's training between the rows of its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.run.progress_rows import TrainingRow
from scalenet_tf.training.log import TrainingLog
from scalenet_tf.utils.stopwatch import Stopwatch


def row(step: int) -> TrainingRow:
    return TrainingRow(
        step=step,
        loss=2.0,
        accuracy=0.25,
        stage_loss={0: 2.0},
        stage_accuracy={0: 0.25},
        gradient_norm=1.0,
        learning_rate=0.1,
        images_per_second=64.0,
    )


def test_without_a_terminal_there_are_lines_before_the_first_row(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    now = [0.0]
    with TrainingLog(tmp_path, 100, 0, Stopwatch(tmp_path / "seconds.json"), clock=lambda: now[0]) as log:
        for step in range(1, 51):
            now[0] += 12.0 if step == 1 else 0.5
            log.advance()
            if step == 50:
                log.write(row(step))
    assert [record.getMessage() for record in caplog.records] == [
        "super-supernet: step 0/100, tracing the step",
        "super-supernet: step 1/100, about 19 min 48 s left",
        "super-supernet: step 21/100, about 1 min 23 s left",
        "super-supernet: step 41/100, about 46 s left",
        "super-supernet: step 50/100, loss 2.000, s0 25%, 64 images/s, about 36 s left",
    ]
