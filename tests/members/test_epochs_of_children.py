"""Epochs of members in other processes, told from their histories."""

from __future__ import annotations

import os
from typing import Any

from scalenet_tf.members.epochs_of_children import EpochsOfChildren
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import row_line


def write(run: Run, *epochs: int) -> None:
    """Writes the history of s0 with these epochs, at a time of its own."""
    rows = [EpochRow(epoch=e, accuracy=0.5, loss=1, val_accuracy=0.5, val_loss=1) for e in epochs]
    history = run.member_files(0).history
    files.write_text(history, "".join(map(row_line, rows)))
    time = 10**9 * (1 + len(epochs))
    os.utime(history, ns=(time, time))


def test_each_epoch_is_told_once(scratch_run: Run) -> None:
    told: list[Any] = []
    epochs = EpochsOfChildren(scratch_run, lambda member, row: told.append((member, row.epoch)))
    epochs.begin(0)
    epochs.poll(0)
    write(scratch_run)
    epochs.poll(0)
    assert told == []
    write(scratch_run, 1)
    epochs.poll(0)
    epochs.poll(0)
    write(scratch_run, 1, 2, 3)
    epochs.poll(0)
    assert told == [("s0", 1), ("s0", 2), ("s0", 3)]


def test_epochs_of_an_earlier_process_are_not_told(scratch_run: Run) -> None:
    told: list[int] = []
    write(scratch_run, 1)
    files.write_bytes(scratch_run.member_files(0).state, b"")
    epochs = EpochsOfChildren(scratch_run, lambda member, row: told.append(row.epoch))
    epochs.begin(0)
    write(scratch_run, 1, 2)
    epochs.poll(0)
    assert told == [2]


def test_a_history_without_a_state_is_that_of_another_training(scratch_run: Run) -> None:
    told: list[int] = []
    write(scratch_run, 1, 2)
    epochs = EpochsOfChildren(scratch_run, lambda member, row: told.append(row.epoch))
    epochs.begin(0)
    epochs.poll(0)
    assert told == []
    write(scratch_run, 1)
    epochs.poll(0)
    assert told == [1]
