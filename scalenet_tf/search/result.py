"""The findings and the cost of a finished search, from its core and its journal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import TRAINING_PASSES, cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.search_result import (
    ArchiveEntry,
    ChainState,
    ConfirmationCost,
    Finalist,
    FoundScaling,
    SearchCost,
    SearchFindings,
)
from scalenet_tf.search.confirmation import Confirmation, Confirmed, TrainingImages
from scalenet_tf.search.journal import Row
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS
from scalenet_tf.search.values import Scored, State
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.scaling import scale


def describe(
    space: SearchSpace,
    search: Mcea,
    images_per_trial: int,
    rows: Sequence[Row],
    confirmation: Confirmation | None = None,
    training_images: Callable[[int], TrainingImages] | None = None,
) -> SearchFindings:
    """Returns the findings of a finished search.

    Args:
      space: Searched space.
      search: Finished search.
      images_per_trial: Number of images that a trial runs through its subnet, for recalibration and
        validation.
      rows: Rows of the journal.
      confirmation: Finished confirmation of the finalists. Default: the best state is the family.
      training_images: Function that returns the images of a finalist's training in a scaling stage; needed
        with `confirmation`.

    Returns:
      The base, a scaling for each scaling stage, the Pareto archive, the states of the chain and the cost.

    Raises:
      ScaleNetError: If no state could be scored.
    """
    chosen = confirmation.chosen if confirmation else None
    best = chosen.finalist.state if chosen else search.best
    if best is None:
        raise ScaleNetError(
            "the search ended without a base whose stages could all be scored: too many trials failed. "
            "See the messages in search/trials.jsonl, fix the cause, and search in a new run."
        )
    accuracies = chosen.accuracies if chosen else (None,) * len(best.scalings)
    return SearchFindings(
        base=best.base,
        scalings=tuple(_scaling(space, best, stage, own) for stage, own in enumerate(accuracies)),
        fitness=best.fitness,
        archive=tuple(_scored(space, entry) for entry in search.archive),
        trajectory=tuple(map(_state, search.trajectory)),
        cost=_cost(rows, search, images_per_trial, training_images if confirmation else None),
        finalists=tuple(map(_finalist, confirmation.results)) if confirmation else None,
    )


def finalists_text(result: SearchFindings, asked: int) -> str:
    """Returns one line on the finalists of a search: their fitness before and after training, and the choice.

    Args:
      result: Findings of a search with confirmation.
      asked: `search.confirm` of its configuration.
    """
    finalists = result.finalists or ()
    found = [
        f"{finalist.name} {finalist.fitness:.3f} -> "
        + ("failed" if finalist.confirmed_fitness is None else f"{finalist.confirmed_fitness:.3f}")
        for finalist in finalists
    ]
    chosen = result.chosen
    text = f"search: {len(found)} finalists, fitness before and after training: {', '.join(found)}; "
    if chosen is None:
        text += "the training of all of them failed, so the best by shared weights is taken"
    else:
        text += f"{chosen.name} is taken"
    if len(found) < asked:
        text += f". `search.confirm` is {asked}, but chain and archive hold only {len(found)} distinct states"
    return text


def _scaling(space: SearchSpace, best: State, stage: int, confirmed: float | None) -> FoundScaling:
    subnet = scale(space, best.base, best.scalings[stage])
    counted = cost(subnet)
    return FoundScaling(
        stage=stage,
        scaling=best.scalings[stage],
        score=best.scores[stage],
        macs=counted.macs,
        parameters=counted.parameters,
        latency_ms=_latency(space, subnet),
        key=subnet.key,
        confirmed=confirmed,
    )


def _scored(space: SearchSpace, entry: Scored) -> ArchiveEntry:
    evaluation = entry.evaluation
    return ArchiveEntry(
        stage=evaluation.scaling_stage,
        score=entry.score,
        macs=evaluation.macs,
        latency_ms=_latency(space, evaluation.subnet),
        key=evaluation.subnet.key,
        base=evaluation.base,
        scaling=evaluation.scaling,
    )


def _latency(space: SearchSpace, subnet: Subnet) -> float | None:
    """Returns the predicted milliseconds of a subnet, or None without a latency table."""
    table = space.budget.latency
    return None if table is None else round(predict_ms(table, subnet), 6)


def _state(state: State) -> ChainState:
    return ChainState(
        round=state.round,
        base=state.base,
        scalings=state.scalings,
        scores=state.scores,
        macs=state.macs,
        fitness=state.fitness,
    )


def _finalist(confirmed: Confirmed) -> Finalist:
    state = confirmed.finalist.state
    return Finalist(
        round=confirmed.finalist.round,
        base=state.base,
        scalings=state.scalings,
        scores=state.scores,
        fitness=state.fitness,
        confirmed=confirmed.accuracies,
        confirmed_fitness=None if math.isnan(confirmed.fitness) else confirmed.fitness,
    )


def _cost(
    rows: Sequence[Row],
    search: Mcea,
    images_per_trial: int,
    training_images: Callable[[int], TrainingImages] | None,
) -> SearchCost:
    """Returns the cost, with each result counted once however often the search was resumed."""
    started = {row["trial"]: row for row in rows if "values" in row}
    scores = {row["trial"]: row["score"] for row in rows if "score" in row}
    trained = {trial for trial in scores if CONFIRM_EPOCHS in started[trial]["values"]}
    known = [trial for trial, score in scores.items() if score is not None]
    scored = [started[trial] for trial in known if trial not in trained]
    confirmation = None
    if training_images is not None:
        images = macs = 0
        for row in (started[trial] for trial in known if trial in trained):
            own = training_images(int(row["values"]["scaling_stage"]))
            images += own.trained
            macs += row["macs"] * (TRAINING_PASSES * own.trained + own.evaluated)
        failed = sum(scores[trial] is None for trial in trained)
        confirmation = ConfirmationCost(trials=len(trained), failed=failed, images=images, macs=macs)
    return SearchCost(
        trials=len(scores) - len(trained),
        failed=len(scores) - len(trained) - len(scored),
        images=len(scored) * images_per_trial,
        macs=sum(row["macs"] for row in scored) * images_per_trial,
        cache_hits=search.progress.cache_hits,
        confirmation=confirmation,
    )
