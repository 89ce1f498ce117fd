"""The findings and the cost of a finished search, from its core and its journal."""

from __future__ import annotations

from collections.abc import Sequence

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.search_result import ArchiveEntry, ChainState, FoundScaling, SearchCost, SearchFindings
from scalenet_tf.search.journal import Row
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.values import Scored, State
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.scaling import scale


def describe(space: SearchSpace, search: Mcea, images_per_trial: int, rows: Sequence[Row]) -> SearchFindings:
    """Returns the findings of a finished search.

    Args:
      space: Searched space.
      search: Finished search.
      images_per_trial: Number of images that a trial runs through its subnet, for recalibration and
        validation.
      rows: Rows of the journal.

    Returns:
      The base, a scaling for each scaling stage, the Pareto archive, the states of the chain and the cost.

    Raises:
      ScaleNetError: If no state could be scored.
    """
    best = search.best
    if best is None:
        raise ScaleNetError(
            "the search ended without a base whose stages could all be scored: too many trials failed. "
            "See the messages in search/trials.jsonl, fix the cause, and search in a new run."
        )
    return SearchFindings(
        base=best.base,
        scalings=tuple(_scaling(space, best, stage) for stage in range(len(best.scalings))),
        fitness=best.fitness,
        archive=tuple(_scored(space, entry) for entry in search.archive),
        trajectory=tuple(_state(state, number) for number, state in enumerate(search.trajectory, start=1)),
        cost=_cost(rows, search, images_per_trial),
    )


def _scaling(space: SearchSpace, best: State, stage: int) -> FoundScaling:
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


def _state(state: State, number: int) -> ChainState:
    return ChainState(
        round=number,
        base=state.base,
        scalings=state.scalings,
        scores=state.scores,
        macs=state.macs,
        fitness=state.fitness,
    )


def _cost(rows: Sequence[Row], search: Mcea, images_per_trial: int) -> SearchCost:
    """Returns the cost, with each result counted once however often the search was resumed."""
    results = [row for row in rows if "score" in row]
    scored = {row["trial"] for row in results if row["score"] is not None}
    macs = sum(row["macs"] for row in rows if "values" in row and row["trial"] in scored)
    return SearchCost(
        trials=len(results),
        failed=len(results) - len(scored),
        images=len(scored) * images_per_trial,
        macs=macs * images_per_trial,
        cache_hits=search.progress.cache_hits,
    )
