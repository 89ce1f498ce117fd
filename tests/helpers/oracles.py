"""Oracles of tiny searches, and workers that end their trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space.scaling import scale
from tests.helpers.tiny_search import CONFIG, SPACE, SUPERNET, score

MADE: list[ScaleNetOracle] = []  # The fixture `released_projects` ends them.


def make(path: Path, seed: int = 0, supernet: str = SUPERNET, **arguments: Any) -> ScaleNetOracle:
    """An oracle that goes on with the project at `path`, as the tuner would make it."""
    problem = SearchProblem(arguments.pop("space", SPACE), arguments.pop("config", CONFIG), seed)
    chief = arguments.pop("chief", False)
    oracle = ScaleNetOracle(problem, supernet, **arguments)
    MADE.append(oracle)
    oracle._set_project_dir(str(path.parent), path.name)
    oracle.reload()
    oracle.begin(chief=chief)
    return oracle


def score_of(trial: Trial, space: Any = SPACE) -> float:
    _, base, scaling = decode(space, trial.hyperparameters.values)
    return score(scale(space, base, scaling))


def finish(oracle: ScaleNetOracle, trial: Trial, value: float | None = None) -> None:
    oracle.update_trial(trial.trial_id, {OBJECTIVE: score_of(trial) if value is None else value})
    trial.status = "COMPLETED"
    oracle.end_trial(trial)


def fail(oracle: ScaleNetOracle, trial: Trial, message: str = "ResourceExhausted") -> None:
    trial.status, trial.message = "INVALID", message
    oracle.end_trial(trial)


def run_to_end(oracle: ScaleNetOracle) -> ScaleNetOracle:
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        assert trial.status == "RUNNING"
        finish(oracle, trial)
    oracle.end()
    return oracle


def summary(oracle: ScaleNetOracle) -> dict[str, Any]:
    trials = {n: (t.hyperparameters.values, t.score, t.status) for n, t in oracle.trials.items()}
    return {"trials": trials, "best": oracle.core.best, "archive": oracle.core.archive}
