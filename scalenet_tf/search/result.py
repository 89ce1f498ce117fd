"""search/result.json: what the search found, and what it cost."""

from __future__ import annotations

from typing import Any

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.values import Scored, State
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.scaling import scale


def describe(
    space: SearchSpace, search: Mcea, images_per_trial: int, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """What a finished search found.

    Args:
      space: The searched space.
      search: The finished search.
      images_per_trial: Images that a trial runs through its subnet: recalibration and validation.
      rows: The journal's rows.

    Returns:
      A JSON value with the base, a scaling for each stage, the Pareto archive, the states of the chain and
      the cost: trials with a result, those that failed, images, multiply-adds spent on the scored ones.

    Raises:
      ScaleNetError: if no state could be scored.
    """
    best = search.best
    if best is None:
        raise ScaleNetError(
            "the search ended without a base whose stages could all be scored: too many trials failed. "
            "See the messages in search/trials.jsonl, mend the cause, and search in a new run."
        )
    return {
        "schema": 1,
        "base": best.base.model_dump(mode="json"),
        "scalings": [_scaling(space, best, stage) for stage in range(len(best.scalings))],
        "fitness": best.fitness,
        "archive": [_scored(space, entry) for entry in search.archive],
        "trajectory": [_state(state, number) for number, state in enumerate(search.trajectory, start=1)],
        "cost": _cost(rows, search, images_per_trial),
    }


def _scaling(space: SearchSpace, best: State, stage: int) -> dict[str, Any]:
    subnet = scale(space, best.base, best.scalings[stage])
    counted = cost(subnet)
    return {
        "stage": stage,
        "scaling": best.scalings[stage].model_dump(mode="json"),
        "score": best.scores[stage],
        "macs": counted.macs,
        "parameters": counted.parameters,
        **_latency(space, subnet),
        "key": subnet.key,
    }


def _scored(space: SearchSpace, entry: Scored) -> dict[str, Any]:
    evaluation = entry.evaluation
    return {
        "stage": evaluation.stage,
        "score": entry.score,
        "macs": evaluation.macs,
        **_latency(space, evaluation.subnet),
        "key": evaluation.subnet.key,
        "base": evaluation.base.model_dump(mode="json"),
        "scaling": evaluation.scaling.model_dump(mode="json"),
    }


def _latency(space: SearchSpace, subnet: Subnet) -> dict[str, float]:
    """Predicted milliseconds; nothing where the space has no latency table."""
    table = space.budget.latency
    return {} if table is None else {"latency_ms": round(predict_ms(table, subnet), 6)}


def _state(state: State, number: int) -> dict[str, Any]:
    return {
        "round": number,
        "base": state.base.model_dump(mode="json"),
        "scalings": [scaling.model_dump(mode="json") for scaling in state.scalings],
        "scores": list(state.scores),
        "macs": list(state.macs),
        "fitness": state.fitness,
    }


def _cost(rows: list[dict[str, Any]], search: Mcea, images_per_trial: int) -> dict[str, int]:
    """Counts each journalled result once, however often the search was resumed or a trial repeated."""
    results = [row for row in rows if "score" in row]
    scored = {row["trial"] for row in results if row["score"] is not None}
    macs = sum(row["macs"] for row in rows if "values" in row and row["trial"] in scored)
    return {
        "trials": len(results),
        "failed": len(results) - len(scored),
        "images": len(scored) * images_per_trial,
        "macs": macs * images_per_trial,
        "cache_hits": search.progress.cache_hits,
    }
