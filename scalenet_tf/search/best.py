"""The best trials of one scaling stage. Keras Tuner's own list of best trials mixes the stages."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.errors import DamagedFileError, InvalidInputError, NotReadyError, ScaleNetError, first_line
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, decode
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.budget import number
from scalenet_tf.space.latency_table import LatencyTable, read_table
from scalenet_tf.space.scaling import scale


@dataclass(frozen=True)
class StageTrial:
    """A scored trial.

    Attributes:
      trial: Number of the trial in the search.
      score: Accuracy on the validation split of the search, in [0, 1].
      base: Base architecture.
      scaling: Scaling of the base.
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
      peak_memory: Peak memory of activations in bytes, for one float32 image.
      latency_ms: Predicted latency in milliseconds, for one float32 image; None without a latency table.
    """

    trial: int
    score: float
    base: BaseArchitecture
    scaling: Scaling
    macs: int
    parameters: int
    peak_memory: int
    latency_ms: float | None = None


@dataclass(frozen=True)
class Limits:
    """Upper limits on the costs of a trial. None is no limit.

    Attributes:
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
      peak_memory: Peak memory of activations in bytes, for one float32 image.
      latency_ms: Latency in milliseconds for one float32 image, predicted by the run's latency table.
    """

    macs: float | None = None
    parameters: float | None = None
    peak_memory: float | None = None
    latency_ms: float | None = None

    def allow(self, trial: StageTrial) -> bool:
        """Returns whether a trial is within all limits."""
        return all(getattr(trial, name) <= limit for name, limit in self._given())

    def __str__(self) -> str:
        return ", ".join(f"{name} at most {number(limit)}" for name, limit in self._given())

    def _given(self) -> list[tuple[str, float]]:
        return [(name, limit) for name, limit in vars(self).items() if limit is not None]


def best_of_stage(
    run: Run | str | Path, stage: int, count: int = 1, limits: Limits = Limits()
) -> list[StageTrial]:
    """Returns the best trials of one scaling stage, the best one first.

    Ties go to fewer multiply-adds. Trainings of finalists are left out. This works while a search is running,
    too.

    Args:
      run: Run whose search has begun, or its path.
      stage: Scaling stage, 0 for the base itself.
      count: Largest number of trials to return.
      limits: Upper limits on the costs of the trials.

    Returns:
      At most `count` trials.

    Raises:
      ScaleNetError: If the space has no such stage, if none of its trials has a score yet, if none is within
        the limits (the text gives the lowest costs), or if a latency limit is given without a latency table.

    Example:
      >>> best_of_stage(run, stage=2)[0].score
    """
    run = given_run(run)
    space = run.space()
    if not 0 <= stage < len(space.menus):
        raise InvalidInputError(
            f"`stage` must be 0 to {len(space.menus) - 1} in space {space.name!r}. Received: {stage}"
        )
    table = latency_table(run, space)
    if limits.latency_ms is not None and table is None:
        raise NotReadyError(
            f"a limit of latency_ms needs a latency table, which the run {str(run.path)!r} has none of. "
            f"Measure one with: {shlex.join(['scalenet', 'profile', 'blocks', '--run', str(run.path)])}"
        )
    rows = Journal(run.trials_file).read()
    values = {row["trial"]: row["values"] for row in rows if "values" in row}
    values = {trial: own for trial, own in values.items() if CONFIRM_EPOCHS not in own}
    results = [(row["trial"], row["score"]) for row in rows if "score" in row and row["trial"] in values]
    scores = [(trial, score) for trial, score in results if score is not None]
    scores = [(trial, score) for trial, score in scores if values[trial].get("scaling_stage") == stage]
    if not scores:
        raise NotReadyError(
            f"the run {str(run.path)!r} has no scored trial of stage {stage} yet. "
            f"Search with: {run.command('search')}"
        )
    found = []
    for trial, score in scores:
        try:
            _, base, scaling = decode(space, values[trial])
            subnet = scale(space, base, scaling)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DamagedFileError(
                f"the row of trial {trial} in {str(run.trials_file)!r} holds no subnet of the space "
                f"({type(error).__name__}: {first_line(error)}). Put the file back."
            ) from error
        counted = cost(subnet)
        costs = counted.macs, counted.parameters, peak_memory(subnet)
        latency = _latency(table, subnet, needed=limits.latency_ms is not None)
        found.append(StageTrial(trial, score, base, scaling, *costs, latency))
    kept = [trial for trial in found if limits.allow(trial)]
    if not kept:
        # A table that is not finished predicts no latency of some.
        measured = [name for name in vars(limits) if all(getattr(t, name) is not None for t in found)]
        least = {name: min(getattr(trial, name) for trial in found) for name in measured}
        raise InvalidInputError(
            f"the limits must let some of the {len(found):,} scored trials of stage {stage} pass. Received: "
            f"{limits}. The least that any of them has: "
            f"{', '.join(f'{name} {number(value)}' for name, value in least.items())}. Raise the limits, or "
            "search again with a budget that keeps to them (`budget.ranges` of the space)."
        )
    return sorted(kept, key=lambda t: (-t.score, t.macs, t.trial))[:count]


def _latency(table: LatencyTable | None, subnet: Subnet, *, needed: bool) -> float | None:
    """Returns the predicted milliseconds; None if the table is not finished, or of other stages."""
    if table is None:
        return None
    try:
        return predict_ms(table, subnet)
    except ScaleNetError:
        if needed:
            raise
        return None


def latency_table(run: Run, space: SearchSpace) -> LatencyTable | None:
    """Returns the latency table of the run's space, else the one measured for the run since, else None."""
    if space.budget.latency is not None:
        return space.budget.latency
    return read_table(run.latency_file) if run.latency_file.is_file() else None
