"""The job step that extrapolates: from the result of the search to family.json."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from scalenet_tf.config import ScaleConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import NotReadyError, ScaleNetError
from scalenet_tf.extrapolation.fit_to_budget import FittedScaling
from scalenet_tf.extrapolation.growth import extrapolate
from scalenet_tf.extrapolation.kept_ranges import broken_ranges, measured
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.run.family import Family, FittedGrowth, Member, Origin
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import step_lock
from scalenet_tf.run.provenance import Environment, provenance
from scalenet_tf.run.search_result import SearchResult, read_search_result
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.budget import UNITS, number
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.value_file import to_json, write_value

logger = logging.getLogger(__name__)


def write_family(run: Run | str | Path) -> Path:
    """Writes the family.json of a searched run, unless it exists.

    Args:
      run: Run with search/result.json and data.json, or its path.

    Returns:
      The path of family.json.

    Raises:
      ScaleNetError: If the search is not done, there is nothing to extrapolate from, or another process does
        the same.

    Example:
      >>> write_family(run)
      >>> run.family().members[0].name
      's0'
    """
    run = given_run(run)
    if run.family_file.is_file():
        return run.family_file
    with step_lock(run.path, "scale"):
        return _write_family(run)


def _write_family(run: Run) -> Path:
    begun = time.monotonic()
    result, data = read_search_result(run), read_data_info(run)
    if result is None:
        raise _missing(run.search_result_file, f"Search first: {run.command('search')}")
    if data is None:
        raise _missing(run.data_file, f"Train first: {run.command('train')}")
    space, found = run.space(), sorted(result.scalings, key=lambda entry: entry.stage)
    members, rule = family_members(
        space,
        result.base,
        [entry.scaling for entry in found],
        [entry.score for entry in found],
        run.config.scale,
    )
    family = Family(
        space=space,
        base=result.base,
        members=members,
        rule=rule,
        provenance=provenance(run, search=_decided_digest(result), data=data.digest),
        environment=Environment.now(time.monotonic() - begun),
    )
    return write_value(run.family_file, family)


def family_members(
    space: SearchSpace,
    base: BaseArchitecture,
    scalings: Sequence[Scaling],
    scores: Sequence[float | None],
    config: ScaleConfig,
) -> tuple[tuple[Member, ...], FittedGrowth | None]:
    """Returns the members of a family: the searched ones, then the extrapolated ones.

    Args:
      space: Searched space, with the number of channels and classes of the data.
      base: Base architecture of the family.
      scalings: Scaling of each searched scaling stage, S0 first.
      scores: Score of each searched scaling stage, in [0, 1], or None.
      config: Number of scaling stages to extrapolate, rule and tolerance.

    Returns:
      The members, S0 first, and the fitted growth; None if nothing is extrapolated.

    Raises:
      ScaleNetError: If there is nothing to extrapolate from.
    """
    first = scale(space, base, scalings[0])
    base_macs = cost(first).macs
    members = []
    for stage, (scaling, score) in enumerate(zip(scalings, scores, strict=True)):
        subnet = scale(space, base, scaling)
        target = space.budget.target(base_macs, stage)
        fitted = FittedScaling(stage, scaling, subnet, cost(subnet).macs, target)
        members.append(_member(fitted, "search", score))
    if not config.extra_stages:
        return tuple(members), None
    growth, extra = extrapolate(space, base, scalings, config.extra_stages, config.tolerance, config.rule)
    for fitted in extra:
        if abs(fitted.gap) > config.tolerance:
            logger.warning(
                f"s{fitted.scaling_stage} has {fitted.macs:,} multiply-adds, {fitted.gap:+.1%} from its "
                f"target of {fitted.target_macs:,}: nothing is within `scale.tolerance`, "
                f"{config.tolerance:.1%}."
            )
        for bound in broken_ranges(space.budget, fitted.subnet, first, fitted.scaling_stage):
            logger.warning(
                f"s{fitted.scaling_stage} has {number(measured(fitted.subnet, bound.quantity))} "
                f"{UNITS[bound.quantity]}, but a range of every scaling stage says {bound}: no scaling near "
                "the predicted one keeps to it. Set `scale.extra_stages` lower if each member must."
            )
    members += [_member(fitted, "extrapolated", None) for fitted in extra]
    return tuple(members), FittedGrowth(**asdict(growth))


def _member(fitted: FittedScaling, origin: Origin, score: float | None) -> Member:
    return Member(
        name=f"s{fitted.scaling_stage}",
        stage=fitted.scaling_stage,
        scaling=fitted.scaling,
        subnet=fitted.subnet,
        num_blocks=fitted.subnet.num_blocks,
        macs=fitted.macs,
        parameters=cost(fitted.subnet).parameters,
        target_macs=fitted.target_macs,
        gap=fitted.gap,
        origin=origin,
        search_score=score,
    )


def _decided_digest(result: SearchResult) -> str:
    """Returns the digest of a search's result, without times, host and paths."""
    decided = to_json(result)
    del decided["environment"]
    return json_digest(decided)


def _missing(path: Path, advice: str) -> ScaleNetError:
    return NotReadyError(f"the scale step needs {str(path)!r}, which is not there. {advice}")
