"""A search as a study of Optuna, read back by Optuna."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.run import Run
from scalenet_tf.search.finished_trial import FinishedTrial, finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS
from scalenet_tf.tracking.events import job_step
from tests.helpers.journals import run_with_journal
from tests.helpers.tiny_search import SPACE

optuna = pytest.importorskip("optuna")


def tracked(path: Path) -> Run:
    run = run_with_journal(path)
    return Run(run.path, run.config.model_copy(update={"tracking": "optuna"}))


def study_of(run: Run) -> Any:
    backend = optuna.storages.journal.JournalFileBackend(str(run.search / "optuna.log"))
    return optuna.load_study(study_name=run.path.name, storage=optuna.storages.JournalStorage(backend))


def test_optuna_reads_every_trial_of_the_search(tmp_path: Path) -> None:
    run = tracked(tmp_path / "mine")
    with job_step(run, "search", ()):
        pass
    scored = [trial for trial in finished_trials(Journal(run.trials_file).read()) if not trial.epochs]
    study = study_of(run)
    assert study.direction.name == "MAXIMIZE"
    assert len(study.trials) == len(scored) == len(finished_trials(Journal(run.trials_file).read())) - 1
    assert study.best_value == max(trial.score or 0 for trial in scored)
    for found, trial in zip(study.trials, scored, strict=True):
        assert (found.params, found.value) == (dict(trial.values), trial.score)
        assert found.user_attrs == {"trial": trial.trial, "macs": trial.macs}


def test_trials_are_added_as_they_end_and_never_twice(tmp_path: Path) -> None:
    run = tracked(tmp_path / "mine")
    rows = Journal(run.trials_file).read()
    first, second = finished_trials(rows)[:2]
    lines = run.trials_file.read_text().splitlines(keepends=True)
    ends = [n for n, row in enumerate(rows) if "score" in row]
    run.trials_file.write_text("".join(lines[: ends[0] + 1]))
    with job_step(run, "search", ()) as events:
        events.trial_end(first)
        events.trial_end(second)
        events.trial_end(second)
        failed = FinishedTrial.of(SPACE, 99, second.values, None, "no memory")
        events.trial_end(failed)
        events.trial_end(FinishedTrial.of(SPACE, 100, {**second.values, CONFIRM_EPOCHS: 3}, 0.9))
    found = study_of(run).trials
    assert [trial.user_attrs["trial"] for trial in found] == [first.trial, second.trial, 99]
    assert found[2].state.name == "FAIL" and found[2].user_attrs["message"] == "no memory"
