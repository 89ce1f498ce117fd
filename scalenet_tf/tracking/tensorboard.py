"""`TensorBoardTracker`: members and search for TensorBoard, beside the super-supernet's own log."""

from __future__ import annotations

import shutil
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api as hp

from scalenet_tf.run.layout import TENSORBOARD, RunFolder
from scalenet_tf.run.progress_rows import EpochRow, read_history
from scalenet_tf.search.finished_trial import FinishedTrial, finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import domains
from scalenet_tf.space import SearchSpace
from scalenet_tf.tracking.callback import RunCallback

MOST_TRIALS = 200  # TensorBoard reads a folder for each of them.


class TensorBoardTracker(RunCallback):
    """Writes the epochs of members to members/sN/tensorboard, and the best trials of a search to its HParams.

    `tensorboard --logdir RUN` shows them beside the super-supernet's log, which each run has.

    Example:
      >>> sn.search_family("folder:photos", tracking="tensorboard")
    """

    def __init__(self) -> None:
        self._told: set[str] = set()  # Members with an epoch in this process.

    def on_step_begin(self, step: str) -> None:
        self._told.clear()

    def on_step_end(self, step: str) -> None:
        if step == "search":
            trials = finished_trials(Journal(self.run.trials_file).read())
            write_trials(self.run.search / TENSORBOARD, self.run.space(), trials)

    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        files = self.run.member_files(stage_of(self.run, member))
        folder, rows = files.folder / TENSORBOARD, [row]
        if member not in self._told:  # An earlier process may have written some of them.
            shutil.rmtree(folder, ignore_errors=True)
            rows = [r for r in read_history(files.history) if r.epoch < row.epoch] + rows
            self._told.add(member)
        writer = tf.summary.create_file_writer(str(folder))
        with writer.as_default():
            for r in rows:
                for name, value in _scalars(r).items():
                    tf.summary.scalar(name, value, step=r.epoch)
        writer.close()


def stage_of(run: RunFolder, member: str) -> int:
    """Returns the scaling stage of a member by its name, such as 2 of "s2"."""
    return int(member.removeprefix("s"))


def write_trials(folder: Path, space: SearchSpace, trials: list[FinishedTrial]) -> None:
    """Writes the best trials of a search for TensorBoard's HParams plugin; replaces what is there.

    Args:
      folder: Folder of the log.
      space: Search space.
      trials: Trials of the search. Failed ones and trainings of finalists are left out.
    """
    shutil.rmtree(folder, ignore_errors=True)
    scored = [trial for trial in trials if trial.score is not None and not trial.epochs]
    scored.sort(key=lambda trial: (-(trial.score or 0), trial.macs, trial.trial))
    metrics = [hp.Metric("accuracy"), hp.Metric("macs")]
    parameters = [hp.HParam(name, hp.Discrete(list(values))) for name, values in domains(space).items()]
    with tf.summary.create_file_writer(str(folder)).as_default(step=0):
        hp.hparams_config(hparams=parameters, metrics=metrics)
    for trial in scored[:MOST_TRIALS]:
        name = f"{trial.trial:04d}"
        with tf.summary.create_file_writer(str(folder / name)).as_default(step=0):
            hp.hparams(dict(trial.values), trial_id=name)
            tf.summary.scalar("accuracy", trial.score)
            tf.summary.scalar("macs", trial.macs)


def _scalars(row: EpochRow) -> dict[str, float]:
    values = row.model_dump(exclude={"epoch", "metrics"}) | (row.metrics or {})
    return {name: value for name, value in values.items() if value is not None}
