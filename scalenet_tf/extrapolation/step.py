"""The scale step of a run: from the search's result to the family, the extrapolated stages included."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scalenet_tf.config import ScaleConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.extrapolation.growth import extrapolate
from scalenet_tf.extrapolation.settle import Settled
from scalenet_tf.run import Run
from scalenet_tf.run.provenance import environment, provenance
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest


def write_family(run: Run) -> Path:
    """Settles the family of a searched run, and writes family.json; one that is there stays.

    Args:
      run: A run with search/result.json and data.json.

    Returns:
      The path of family.json.

    Raises:
      ScaleNetError: where the search is not done, or has nothing to extrapolate from.

    Example:
      >>> files.read_json(write_family(run))["members"][0]["name"]
      's0'
    """
    if run.family_file.is_file():
        return run.family_file
    begun = time.monotonic()
    result = _read(run.search / "result.json", f"Search first: {run.command('search')}")
    data = _read(run.data_file, f"Train first: {run.command('train')}")
    family = settle_family(run.space(), result, run.config.scale)
    # Times, host and paths of the search play no part.
    decided = {key: value for key, value in result.items() if key != "environment"}
    digests = {"search": json_digest(decided), "data": data["digest"]}
    surroundings = {
        "provenance": provenance(run, **digests),
        "environment": environment(time.monotonic() - begun),
    }
    return files.write_json(run.family_file, {**family, **surroundings})


def settle_family(space: SearchSpace, result: dict[str, Any], config: ScaleConfig) -> dict[str, Any]:
    """The family as a JSON value: the searched members, then the extrapolated ones.

    Args:
      space: The searched space, with channels and classes of the data.
      result: The search's result.
      config: How many stages are extrapolated, and how.

    Returns:
      schema, space, base, members, and the fitted growth as `rule` (null where nothing is extrapolated).
    """
    base = BaseArchitecture.model_validate(result["base"])
    found = sorted(result["scalings"], key=lambda entry: entry["stage"])
    scalings = [Scaling.model_validate(entry["scaling"]) for entry in found]
    base_macs = cost(scale(space, base, scalings[0])).macs
    members = []
    for stage, (entry, scaling) in enumerate(zip(found, scalings, strict=True)):
        subnet = scale(space, base, scaling)
        settled = Settled(stage, scaling, subnet, cost(subnet).macs, space.budget.target(base_macs, stage))
        members.append(_member(settled, "search", entry["score"]))
    rule = None
    if config.extra_stages:
        growth, extra = extrapolate(space, base, scalings, config.extra_stages, config.tolerance, config.rule)
        rule = asdict(growth)
        members += [_member(settled, "extrapolated", None) for settled in extra]
    return {
        "schema": 1,
        "space": space.model_dump(mode="json"),
        "base": base.model_dump(mode="json"),
        "members": members,
        "rule": rule,
    }


def _member(settled: Settled, origin: str, score: float | None) -> dict[str, Any]:
    return {
        "name": f"s{settled.stage}",
        "stage": settled.stage,
        "scaling": settled.scaling.model_dump(mode="json"),
        "subnet": settled.subnet.model_dump(mode="json"),
        "num_blocks": settled.subnet.num_blocks,
        "macs": settled.macs,
        "parameters": cost(settled.subnet).parameters,
        "target_macs": settled.target_macs,
        "gap": settled.gap,
        "origin": origin,
        "search_score": score,
    }


def _read(path: Path, advice: str) -> dict[str, Any]:
    if not path.is_file():
        raise ScaleNetError(f"the scale step needs {str(path)!r}, which is not there. {advice}")
    value: dict[str, Any] = files.read_json(path)
    return value
