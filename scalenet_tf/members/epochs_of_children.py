"""Epochs of members that train in processes of their own, read from the histories that these write."""

from __future__ import annotations

from collections.abc import Callable

from scalenet_tf.run import Run
from scalenet_tf.run.family import name_of_stage
from scalenet_tf.run.progress_rows import EpochRow, read_history

OnEpoch = Callable[[str, EpochRow], None]


class EpochsOfChildren:
    """Calls a function for each epoch that members finish from now on.

    Args:
      run: The run.
      on_epoch: Called with the name of the member and the results of the epoch.
    """

    def __init__(self, run: Run, on_epoch: OnEpoch) -> None:
        self._run, self._on_epoch = run, on_epoch
        self._told: dict[int, int] = {}  # Number of epochs that need not be told, by scaling stage.
        self._seen: dict[int, int] = {}  # Time of the last change of the history.

    def begin(self, stage: int) -> None:
        """Leaves out the epochs that an earlier process finished; call it before a training begins."""
        files = self._run.member_files(stage)
        # Without a state, the training begins at its first epoch, whatever its history says.
        self._told[stage] = len(read_history(files.history)) if files.state.is_file() else 0
        self._seen[stage] = self._changed(stage)

    def poll(self, stage: int) -> None:
        """Tells the epochs that a member has finished since the last call."""
        changed = self._changed(stage)
        if changed == self._seen[stage]:
            return
        self._seen[stage] = changed
        rows = read_history(self._run.member_files(stage).history)
        for row in rows[self._told[stage] :]:
            self._told[stage] = row.epoch
            self._on_epoch(name_of_stage(stage), row)

    def _changed(self, stage: int) -> int:
        try:
            return self._run.member_files(stage).history.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
