"""`tuner`: the trials of a search as a Keras Tuner object."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import keras
import keras_tuner

from scalenet_tf.errors import InvalidInputError, NotReadyError, ScaleNetError, first_line
from scalenet_tf.models.plain import build_model
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.search.finished_trial import finished_trials
from scalenet_tf.search.hyperparameters import declare
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.keras_tuner_compat import BareOracle, metrics_of
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space.scaling import scale


class SearchedTuner(keras_tuner.Tuner):
    """Keras Tuner's view of a run's search, to read: best trials, hyperparameters, summaries.

    Its objective is the accuracy with shared weights, of all scaling stages together, which is highest at the
    larger ones; `sn.best_of_stage` looks at one stage. `hypermodel.build(hyperparameters)` builds a model.

    Args:
      run: The run.
    """

    def __init__(self, run: Run) -> None:
        space, found = run.space(), finished_trials(Journal(run.trials_file).read())
        oracle = BareOracle(declare(space), run.config.seed)
        # Trainings of finalists have accuracies of another kind.
        for trial in [trial for trial in found if not trial.epochs]:
            added = oracle.add_trial(trial.values, f"{trial.trial:04d}")
            added.status = "FAILED" if trial.score is None else "COMPLETED"
            added.score, added.message, added.best_step = trial.score, trial.message, 0
            if trial.score is not None:
                added.metrics = metrics_of(trial.score)
            oracle.end_order.append(added.trial_id)
        if not oracle.trials:
            raise NotReadyError(
                f"the run {str(run.path)!r} has no trial with a result yet. Search with: "
                f"{run.command('search')}"
            )
        super().__init__(
            oracle,
            hypermodel=lambda values: model_from_hyperparameters(run, values),
            directory=str(run.search.parent),
            project_name=run.search.name,
        )
        self._run = run

    def search(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises ScaleNetError: `sn.search_family` and `sn.steps.search` search."""
        raise ScaleNetError(
            "this tuner reads a search. Continue the search with sn.search_family(run=...), or add rounds "
            f"with: {self._run.command('search')} --rounds N"
        )

    def get_best_models(self, num_models: int = 1) -> NoReturn:
        """Raises ScaleNetError: a trial has no weights of its own."""
        raise ScaleNetError(
            "the trials of a search share the super-supernet's weights, so no trial has a model of its own. "
            "Build one with model_from_hyperparameters(run, tuner.get_best_hyperparameters()[0]), or take a "
            "trained member: sn.open_family(run)['s0'].model."
        )

    def save(self) -> None:
        """Saves nothing."""

    def reload(self) -> None:
        """Does nothing: the constructor reads the trials."""

    def _populate_initial_space(self) -> None:
        """Does nothing: the space is declared."""


def tuner(run: Run | str | Path) -> SearchedTuner:
    """Opens the search of a run as a Keras Tuner object, also while it is running.

    Args:
      run: The run, or the path of its directory.

    Returns:
      A `keras_tuner.Tuner` with `get_best_hyperparameters`, `results_summary`, `search_space_summary`,
      `oracle.get_best_trials` and `hypermodel.build`. It cannot search.

    Raises:
      ScaleNetError: If there is no run, or no trial has a result yet.

    Example:
      >>> best = sn.tuner("runs/mine").get_best_hyperparameters()[0]
      >>> best.get("resolution")
      32
    """
    return SearchedTuner(given_run(run))


def model_from_hyperparameters(
    run: Run | str | Path, hyperparameters: keras_tuner.HyperParameters | Mapping[str, Any]
) -> keras.Model:
    """Builds the network of a trial as a plain Keras model with new weights.

    Args:
      run: Run whose space the hyperparameters belong to, or the path of its directory.
      hyperparameters: Those of a trial, or their values by name.

    Returns:
      A model from images [N, resolution, resolution, channels] in 0..255 to logits [N, classes].

    Raises:
      ScaleNetError: If there is no run, or the hyperparameters are not of its space.

    Example:
      >>> model = sn.model_from_hyperparameters("runs/mine", best)
    """
    opened = given_run(run)
    given = hyperparameters
    values = given if isinstance(given, Mapping) else given.values
    space = opened.space()
    try:
        _, base, scaling = decode(space, values)
        subnet = scale(space, base, scaling)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InvalidInputError(
            f"`hyperparameters` must be those of a trial in space {space.name!r}, as `tuner(run)` returns "
            f"them. Received values that are not ({type(error).__name__}: {first_line(error)})"
        ) from error
    return build_model(subnet)
