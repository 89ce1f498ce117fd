"""The logs and results of a training that was never made, as a report shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scalenet_tf.run import Run
from scalenet_tf.run.metrics import MemberEnvironment, Metrics
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.supernet_done import SupernetDone, TrainingEnvironment
from scalenet_tf.utils import files
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import row_line, write_value


def write_made_up_results(run: Run) -> None:
    """Writes the results of a super-supernet and of the members S0 to S2; SavedModels are empty files."""
    stages = (0, 1, 2)
    log = [
        TrainingRow(
            step=step,
            loss=2.3 - 0.001 * step,
            accuracy=0.1 + 0.0005 * step,
            stage_loss=dict.fromkeys(stages, 2.3 - 0.001 * step),
            stage_accuracy=dict.fromkeys(stages, 0.1 + 0.0005 * step),
            gradient_norm=1.0,
            learning_rate=0.1,
            images_per_second=100.0,
        )
        for step in range(100, 1100, 100)
    ]
    _write_rows(run.supernet_log_file, log)
    done = SupernetDone(
        steps=1000,
        rollbacks=0,
        channels=1,
        classes=10,
        weights_digest="w",
        provenance=provenance(run),
        environment=TrainingEnvironment.now(175.2, resumed_at_step=0, workers=1),
    )
    write_value(run.supernet_done_file, done)
    for stage in run.family().stages:
        written = run.member_files(stage)
        epochs = [
            EpochRow(epoch=e, accuracy=0.8, loss=1 / e, val_accuracy=0.8 + 0.01 * e, val_loss=1 / e)
            for e in range(1, 6)
        ]
        _write_rows(written.history, epochs)
        mistakes = [tuple(90 * (a == b) + b for b in range(10)) for a in range(9)]
        metrics = Metrics(
            epochs=5,
            validation_accuracy=0.8512 + 0.01 * stage,
            test_accuracy=0.8434 + 0.01 * stage,
            calibration_error=0.02 + 0.01 * stage,
            class_accuracy=(*[0.9] * 9, None),
            confusion=(*mistakes, (0,) * 10),
            provenance=provenance(run),
            environment=MemberEnvironment.now(40.0, latency_ms={1: 1.25 * (stage + 1), 32: 9.0}),
        )
        write_value(written.metrics, metrics)
        files.write_bytes(written.saved_model / "saved_model.pb", b"")


def _write_rows(path: Path, rows: Sequence[Value]) -> None:
    files.write_text(path, "".join(map(row_line, rows)))
