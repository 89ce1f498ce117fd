"""The best trials within one scaling stage; Keras Tuner's own list mixes the stages."""

from __future__ import annotations

from dataclasses import dataclass

from scalenet_tf.cost import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.scaling import scale
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space import BaseArchitecture, Scaling


@dataclass(frozen=True)
class StageTrial:
    """A scored trial.

    Attributes:
      trial: Its number in the search.
      score: Accuracy on the search-validation split, in [0, 1].
      base: The base architecture.
      scaling: How it is scaled.
      macs: Multiply-adds of one image.
      parameters: Trainable parameters.
    """

    trial: int
    score: float
    base: BaseArchitecture
    scaling: Scaling
    macs: int
    parameters: int


def best_of_stage(run: Run, stage: int, count: int = 1) -> list[StageTrial]:
    """The best trials of one scaling stage, the best one first; of equals, the one with fewer multiply-adds.

    Works while a search is running too.

    Args:
      run: The run.
      stage: The scaling stage, 0 for the base's own.
      count: How many at most.

    Returns:
      At most `count` trials.

    Raises:
      ScaleNetError: if the space has no such stage, or none of its trials has a score yet.

    Example:
      >>> best_of_stage(run, stage=2)[0].score
    """
    space = run.space()
    if not 0 <= stage < len(space.menus):
        raise ScaleNetError(
            f"`stage` must be 0 to {len(space.menus) - 1} in space {space.name!r}. Received: {stage}"
        )
    rows = Journal(run.search / "trials.jsonl").read()
    values = {row["trial"]: row["values"] for row in rows if "values" in row}
    scores = [(row["trial"], row["score"]) for row in rows if row.get("score") is not None]
    scores = [(trial, score) for trial, score in scores if values[trial]["scaling_stage"] == stage]
    if not scores:
        raise ScaleNetError(
            f"the run {str(run.path)!r} has no scored trial of stage {stage} yet. "
            f"Search with: {run.command('search')}"
        )
    found = []
    for trial, score in scores:
        _, base, scaling = decode(space, values[trial])
        counted = cost(scale(space, base, scaling))
        found.append(StageTrial(trial, score, base, scaling, counted.macs, counted.parameters))
    return sorted(found, key=lambda t: (-t.score, t.macs, t.trial))[:count]
