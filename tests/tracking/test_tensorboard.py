"""Members and trials in TensorBoard's files, read back by TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import read_history
from scalenet_tf.search.finished_trial import finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.tracking import tensorboard
from scalenet_tf.tracking.events import job_step
from tests.helpers.tiny_search import new_run, search


def tracked(run: Run) -> Run:
    return Run(run.path, run.config.model_copy(update={"tracking": "tensorboard"}))


def read(folder: Path) -> EventAccumulator:
    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def scalars(folder: Path, name: str) -> list[tuple[int, float]]:
    """(step, value) of each event. TensorFlow 2 writes tensors of one number."""
    found = read(folder)
    return [(e.step, round(float(tf.make_ndarray(e.tensor_proto)), 6)) for e in found.Tensors(name)]


def hparams(folder: Path, name: str) -> Any:
    content = read(folder).PluginTagToContent("hparams")[name]
    return plugin_data_pb2.HParamsPluginData.FromString(content)


def test_epochs_of_members_are_there_once_after_a_resume(finished_run: Run) -> None:
    run = tracked(finished_run)
    rows = read_history(run.member_files(0).history)
    for part in (rows[:2], rows[1:]):  # the second epoch is repeated, as after a kill
        with job_step(run, "retrain", ()) as events:
            for row in part:
                events.epoch_end("s0", row)
    folder = run.member(0) / "tensorboard"
    # The files of one second are read by a count in their names, "10" before "9".
    found = [sorted(scalars(folder, name)) for name in ("val_accuracy", "loss")]
    assert found[0] == [(row.epoch, round(row.val_accuracy, 6)) for row in rows]
    assert found[1] == [(row.epoch, round(row.loss, 6)) for row in rows]


def test_the_best_trials_are_sessions_of_hparams(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tensorboard, "MOST_TRIALS", 7)
    run = tracked(new_run(tmp_path / "mine"))
    search(run)
    for _ in range(2):  # a second call replaces the first
        with job_step(run, "search", ()):
            pass
    trials = finished_trials(Journal(run.trials_file).read())
    best = sorted(trials, key=lambda trial: -(trial.score or 0))[:7]
    folder = run.search / "tensorboard"
    sessions = sorted(path.name for path in folder.iterdir() if path.is_dir())
    assert sessions == sorted(f"{trial.trial:04d}" for trial in best)
    experiment = hparams(folder, "_hparams_/experiment").experiment
    assert {info.name for info in experiment.hparam_infos} == set(best[0].values)
    first = hparams(folder / f"{best[0].trial:04d}", "_hparams_/session_start_info").session_start_info
    assert first.hparams["resolution"].number_value == best[0].values["resolution"]
    assert first.hparams["stage0_op0"].string_value == best[0].values["stage0_op0"]
    assert scalars(folder / f"{best[0].trial:04d}", "accuracy") == [(0, round(best[0].score or 0, 6))]
