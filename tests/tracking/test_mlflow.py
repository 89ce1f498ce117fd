"""A run in a local store of MLflow, read back by MLflow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.mlflow_run import MlflowRun, read_mlflow_run
from scalenet_tf.run.progress_rows import read_history, read_training_log
from scalenet_tf.search.finished_trial import FinishedTrial, best_scores, finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.tracking.events import job_step
from scalenet_tf.utils.value_file import write_value
from tests.helpers.journals import run_with_journal
from tests.helpers.tiny_search import SPACE

mlflow = pytest.importorskip("mlflow")
# MLflow uses what newer versions of its own dependencies call deprecated.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store with artifacts beside it. MLflow takes seconds to make one."""
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        yield f"sqlite:///{folder}/mlflow.db"


@pytest.fixture
def client(store: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the store, with an experiment of this test."""
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", request.node.name)
    return mlflow.MlflowClient()


def mlflow_run(client: Any) -> Any:
    """The only MLflow run of this test."""
    experiment = client.get_experiment_by_name(os.environ["MLFLOW_EXPERIMENT_NAME"])
    [found] = client.search_runs([experiment.experiment_id])
    return found


def tracked(run: Run) -> Run:
    return Run(run.path, run.config.model_copy(update={"tracking": ("mlflow",)}))


def history(client: Any, run_id: str, name: str) -> list[tuple[int, float]]:
    return [(metric.step, metric.value) for metric in client.get_metric_history(run_id, name)]


@pytest.mark.slow
def test_steps_of_several_processes_are_one_mlflow_run(finished_run: Run, client: Any) -> None:
    run = tracked(finished_run)
    log, epochs = read_training_log(run.supernet_log_file), read_history(run.member_files(1).history)
    with job_step(run, "train", ()) as events:
        for row in log:
            events.supernet_log(row)
    with job_step(run, "retrain", ()) as events:
        for epoch in epochs:
            events.epoch_end("s1", epoch)
        events.member_end("s1", trained_metrics(run, 1))
    run.report_file.write_text("<p>report</p>")
    with job_step(run, "report", ()):
        found = mlflow_run(client)
        assert (found.info.run_name, found.info.status) == (run.path.name, "RUNNING")
    found = client.get_run(found.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params["supernet.steps"] == str(run.config.supernet.steps)
    assert found.data.params["seed"] == "0"
    expected = [(row.step, row.loss) for row in log]
    assert history(client, found.info.run_id, "supernet/loss") == expected
    assert history(client, found.info.run_id, "supernet/s0_accuracy")[0] == (100, log[0].stage_accuracy[0])
    assert history(client, found.info.run_id, "s1/val_accuracy") == [
        (e.epoch, e.val_accuracy) for e in epochs
    ]
    assert history(client, found.info.run_id, "s1/test_accuracy") == [(5, pytest.approx(0.8534))]
    assert {file.path for file in client.list_artifacts(found.info.run_id)} == {"family.json", "report.html"}


def test_trials_and_the_best_of_them(tmp_path: Path, client: Any) -> None:
    run = tracked(run_with_journal(tmp_path / "mine"))
    trials = finished_trials(Journal(run.trials_file).read())[:5]
    with job_step(run, "search", ()) as events:
        for trial in trials:
            events.trial_end(trial)
        events.trial_end(FinishedTrial.of(SPACE, 98, trials[0].values, None, "failed"))
    found = mlflow_run(client)
    told = history(client, found.info.run_id, "search/accuracy")
    assert told == [(trial.trial, trial.score) for trial in trials]
    # The best of the whole search: a resumed one is told its new trials alone.
    best = max(best_scores(run).values())
    assert best >= max(value for _, value in told)
    assert history(client, found.info.run_id, "search/best")[-1][1] == pytest.approx(best)


def test_a_run_that_the_store_does_not_have_is_begun_anew(finished_run: Run, client: Any) -> None:
    run = tracked(finished_run)
    write_value(run.mlflow_file, MlflowRun(run_id="0" * 32))
    with job_step(run, "scale", ()):
        assert read_mlflow_run(run) == MlflowRun(run_id=mlflow_run(client).info.run_id)


def test_a_step_after_the_last_one_leaves_the_run_finished(finished_run: Run, client: Any) -> None:
    run = tracked(finished_run)
    for step, inside in (("report", "RUNNING"), ("export", "RUNNING")):
        with job_step(run, step, ()):
            assert mlflow_run(client).info.status == inside
        assert mlflow_run(client).info.status == "FINISHED"


def test_a_report_that_is_made_midway_leaves_the_run_running(finished_run: Run, client: Any) -> None:
    run = tracked(finished_run)
    model = run.member_files(1).saved_model / "saved_model.pb"
    content = model.read_bytes()
    model.unlink()
    for step in ("report", "retrain"):
        with job_step(run, step, ()):
            run.report_file.write_text("<p>report</p>")
        assert mlflow_run(client).info.status == "RUNNING"
    with job_step(run, "export", ()):
        model.write_bytes(content)
    assert mlflow_run(client).info.status == "FINISHED"


def test_a_run_that_was_deleted_is_begun_anew(finished_run: Run, client: Any) -> None:
    run = tracked(finished_run)
    with job_step(run, "scale", ()):
        first = mlflow_run(client).info.run_id
    client.delete_run(first)
    with job_step(run, "scale", ()):
        assert mlflow_run(client).info.run_id != first


def test_a_store_that_cannot_be_had_is_named(
    finished_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/file/mlflow.db")
    with (
        pytest.raises(ScaleNetError, match=r"(?s)`tracking` mlflow failed in on_step_begin: .*resumes"),
        job_step(tracked(finished_run), "scale", ()),
    ):
        pytest.fail("it began")
