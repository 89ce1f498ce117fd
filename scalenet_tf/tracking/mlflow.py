"""`MlflowTracker`: a run as a run of MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.flat_keys import flat
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.run.mlflow_run import MlflowRun, read_mlflow_run
from scalenet_tf.run.progress_rows import EpochRow, TrainingRow
from scalenet_tf.run.states import step_states, steps_left
from scalenet_tf.search.finished_trial import FinishedTrial, best_scores
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.utils.extras import require
from scalenet_tf.utils.value_file import write_value

EXPERIMENT = "scalenet-tf"
_LONGEST = 500  # Characters of a parameter's value.
_BATCH = 100  # MLflow takes no more parameters at once.


class MlflowTracker(RunCallback):
    """Logs configuration, progress and results to MLflow; a resumed run goes on in the same MLflow run.

    The store is MLflow's own choice: MLFLOW_TRACKING_URI, or `mlflow.set_tracking_uri`. The experiment is
    MLFLOW_EXPERIMENT_NAME, by default "scalenet-tf", and the run is named as the directory. Metrics are
    `supernet/loss` and more by training step, `search/accuracy` and `search/best` by trial, and
    `s0/val_accuracy` and more by epoch. It needs the extra `mlflow`.

    Example:
      >>> sn.search_family("folder:photos", tracking="mlflow")
    """

    def __init__(self) -> None:
        self._mlflow: Any = require("mlflow", "mlflow", "`tracking: mlflow`")
        self._client: Any = None
        self._id = ""
        self._was_finished = False
        self._best = 0.0

    def on_step_begin(self, step: str) -> None:
        self._client = self._mlflow.MlflowClient()  # which looks for its store
        info = self._found_or_new(self.run)
        self._id = info.run_id
        # A step that is repeated once the job is done, such as an export in another format.
        self._was_finished = info.status == "FINISHED"
        self._client.update_run(self._id, status="RUNNING")
        self._client.set_tag(self._id, "step", step)
        if step == "search":
            self._best = max(best_scores(self.run).values(), default=0.0)

    def on_step_end(self, step: str) -> None:
        if step == "report":
            for file in (self.run.family_file, self.run.report_file):
                if file.is_file():
                    self._client.log_artifact(self._id, str(file))
        # A report can be made at any time, and one may have been removed since.
        spare = {"report"} if step == "report" or self._was_finished else set()
        if not set(steps_left(step_states(self.run))) - spare:
            self._client.set_terminated(self._id)

    def on_supernet_log(self, row: TrainingRow) -> None:
        values = row.model_dump(exclude={"step", "stage_loss", "stage_accuracy"})
        for kind, by_stage in (("loss", row.stage_loss), ("accuracy", row.stage_accuracy)):
            values |= {f"s{stage}_{kind}": value for stage, value in by_stage.items()}
        self._log("supernet", values, row.step)

    def on_trial_end(self, trial: FinishedTrial) -> None:
        if trial.score is not None and not trial.epochs:
            self._best = max(self._best, trial.score)
            self._log("search", {"accuracy": trial.score, "best": self._best}, trial.trial)

    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        values = row.model_dump(exclude={"epoch", "metrics"}) | (row.metrics or {})
        self._log(member, values, row.epoch)

    def on_member_end(self, member: str, metrics: Metrics) -> None:
        values = metrics.model_dump(include={"validation_accuracy", "test_accuracy", "calibration_error"})
        self._log(member, values, metrics.epochs)

    def _log(self, prefix: str, values: Mapping[str, float | None], step: int) -> None:
        for name, value in values.items():
            if value is not None:
                self._client.log_metric(self._id, f"{prefix}/{name}", value, step=step)

    def _found_or_new(self, run: Run) -> Any:
        """Returns MLflow's `RunInfo`."""
        begun = read_mlflow_run(run)
        if begun is not None:
            try:
                found = self._client.get_run(begun.run_id)
            except self._mlflow.MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise  # A server that does not answer now may know the run.
                found = None  # Another store: the run begins there anew.
            if found is not None and found.info.lifecycle_stage == "active":
                return found.info
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
        experiment = self._client.get_experiment_by_name(name)
        if experiment is not None and experiment.lifecycle_stage != "active":
            raise InvalidInputError(
                f"the experiment {name!r} of MLflow is deleted. Restore it there, or give another name by "
                "MLFLOW_EXPERIMENT_NAME."
            )
        number = experiment.experiment_id if experiment else self._client.create_experiment(name)
        created = self._client.create_run(number, run_name=run.path.name).info
        parameters = [
            self._mlflow.entities.Param(key, str(value)[:_LONGEST])
            for key, value in flat(run.config.model_dump(mode="json"))
        ]
        for start in range(0, len(parameters), _BATCH):
            self._client.log_batch(created.run_id, params=parameters[start : start + _BATCH])
        write_value(run.mlflow_file, MlflowRun(run_id=created.run_id))
        return created
