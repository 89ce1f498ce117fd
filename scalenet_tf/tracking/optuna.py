"""`OptunaTracker`: the search as a journal of Optuna, which optuna-dashboard opens."""

from __future__ import annotations

from typing import Any

from scalenet_tf.run import Run
from scalenet_tf.search.finished_trial import FinishedTrial, finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import domains
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.utils.extras import require

FILE = "optuna.log"


class OptunaTracker(RunCallback):
    """Adds each trial of the search to a study in RUN/search/optuna.log, whose name is that of the run.

    A trial keeps its number, its multiply-adds and, if it failed, the reason as user attributes. Trainings of
    finalists are left out, since their accuracies are of another kind. It needs the extra `optuna`.

    Example:
      >>> sn.search_family("folder:photos", run="runs/mine", tracking="optuna")

      optuna-dashboard runs/mine/search/optuna.log
    """

    def __init__(self) -> None:
        self._optuna: Any = require("optuna", "optuna", "`tracking: optuna`")
        self._backends: Any = require("optuna.storages.journal", "optuna", "`tracking: optuna`")
        self._study: Any = None
        self._known: set[int] = set()
        self._domains: dict[str, object] = {}

    def set_run(self, run: Run) -> None:
        super().set_run(run)
        self._study = None

    def on_trial_end(self, trial: FinishedTrial) -> None:
        self._open()
        self._add(trial)

    def on_step_end(self, step: str) -> None:
        if step == "search":
            self._open()

    def _open(self) -> None:
        """Opens the study, and adds the trials of the journal that it lacks."""
        if self._study is not None:
            return
        optuna, folder = self._optuna, self.run.search
        distribution = optuna.distributions.CategoricalDistribution
        self._domains = {name: distribution(values) for name, values in domains(self.run.space()).items()}
        folder.mkdir(parents=True, exist_ok=True)
        storage = optuna.storages.JournalStorage(self._backends.JournalFileBackend(str(folder / FILE)))
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)  # It logs each study that it creates.
        try:
            self._study = optuna.create_study(
                storage=storage, study_name=self.run.path.name, direction="maximize", load_if_exists=True
            )
        finally:
            optuna.logging.set_verbosity(level)
        self._known = {found.user_attrs["trial"] for found in self._study.get_trials(deepcopy=False)}
        for trial in finished_trials(Journal(self.run.trials_file).read()):
            self._add(trial)

    def _add(self, trial: FinishedTrial) -> None:
        if trial.epochs or trial.trial in self._known:
            return
        self._known.add(trial.trial)
        state = self._optuna.trial.TrialState
        attributes: dict[str, int | str] = {"trial": trial.trial, "macs": trial.macs}
        if trial.message is not None:
            attributes["message"] = trial.message
        self._study.add_trial(
            self._optuna.trial.create_trial(
                state=state.FAIL if trial.score is None else state.COMPLETE,
                value=trial.score,
                params=dict(trial.values),
                distributions=self._domains,
                user_attrs=attributes,
            )
        )
