"""`FinishedTrial`: a trial of the search with its result, as callbacks receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scalenet_tf.costs.macs import cost
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.search.journal import Journal, Row
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, TrialValue, decode
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.scaling import scale


@dataclass(frozen=True)
class FinishedTrial:
    """A trial with its result.

    Attributes:
      trial: Number of the trial in the search, from 0.
      scaling_stage: Scaling stage of the subnet, 0 for the base.
      values: Hyperparameters: the scaling stage, the scaling, and the depth and ops of each network stage.
      macs: Multiply-adds of the subnet, for one image.
      score: Accuracy on the validation split of the search, 0 to 1; None if the trial failed.
      epochs: Number of epochs that a finalist was trained for; 0 for a score with shared weights.
      message: Why the trial failed; None if it did not.
      progress: Share of the search that is done, 0 to 1, as if it used all its rounds. None if it is not
        known. The confirmation of finalists counts by itself, from 0 to 1 again.
    """

    trial: int
    scaling_stage: int
    values: Mapping[str, TrialValue]
    macs: int
    score: float | None
    epochs: int = 0
    message: str | None = None
    progress: float | None = None

    @classmethod
    def of(
        cls,
        space: SearchSpace,
        trial: int,
        values: Mapping[str, TrialValue],
        score: float | None,
        message: str | None = None,
        progress: float | None = None,
    ) -> FinishedTrial:
        """Creates the trial from its hyperparameters and its result."""
        stage, base, scaling = decode(space, values)
        return cls(
            trial=trial,
            scaling_stage=stage,
            values={name: value for name, value in values.items() if name != CONFIRM_EPOCHS},
            macs=cost(scale(space, base, scaling)).macs,
            score=score,
            epochs=int(values.get(CONFIRM_EPOCHS, 0)),
            message=message,
            progress=progress,
        )


def finished_trials(rows: list[Row]) -> list[FinishedTrial]:
    """Returns the trials of a journal that have a result, in the order of the results."""
    begun = {row["trial"]: row for row in rows if "values" in row}
    found = []
    for row in rows:
        if "score" in row:
            started = begun[row["trial"]]
            values = dict(started["values"])
            epochs = int(values.pop(CONFIRM_EPOCHS, 0))
            stage, macs = int(values["scaling_stage"]), started["macs"]
            result = (row["score"], epochs, row.get("message"))
            found.append(FinishedTrial(row["trial"], stage, values, macs, *result))
    return found


def best_scores(run: RunFolder) -> dict[int, float]:
    """Returns the best score with shared weights so far of each scaling stage that has one.

    Args:
      run: A run whose search may have begun.
    """
    found: dict[int, float] = {}
    for trial in finished_trials(Journal(run.trials_file).read()):
        if trial.score is not None and not trial.epochs:
            found[trial.scaling_stage] = max(found.get(trial.scaling_stage, 0.0), trial.score)
    return found
