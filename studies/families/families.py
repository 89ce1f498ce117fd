"""The families: what a search found, EfficientNet's rule on the best base, and random ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.extrapolation.growth import Growth
from scalenet_tf.extrapolation.settle import settle
from scalenet_tf.report.growth import EFFICIENTNET
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.space import BaseArchitecture, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files
from studies.families.plan import Search, Side, searches
from studies.families.study import Study, Tuned

Family = tuple[Subnet, ...]  # S0 first


def result_file(folder: Path, search: Search) -> Path:
    return folder / "searches" / f"{search.name}.json"


def found(study: Study, folder: Path, side: Side, budget: float, tuned: Tuned, seed: int) -> Family | None:
    """The family that a side found; None before all its searches are done."""
    results = _results(folder, searches(study, side, budget, tuned, seed))
    if results is None:
        return None
    members = [member for result in results for member in result["members"]]
    return tuple(Subnet.model_validate(member["subnet"]) for member in members)


def costs(folder: Path, done: tuple[Search, ...]) -> dict[str, float]:
    """What searches that are done took together."""
    each = [result["cost"] for result in _results(folder, done) or []]
    return {name: sum(cost[name] for cost in each) for name in (each[0] if each else {})}


def compound(study: Study, folder: Path, tuned: Tuned, seed: int) -> Family | None:
    """EfficientNet's rule on the base that the search of S0 alone found at the highest budget."""
    results = _results(folder, (Search(0, study.budgets[-1], tuned, seed),))
    if results is None:
        return None
    base = BaseArchitecture.model_validate(results[0]["members"][0]["base"])
    return _by_rule(study.space, base, study.tolerance)


@cache
def _by_rule(space: SearchSpace, base: BaseArchitecture, tolerance: float) -> Family:
    first = scale(space, base, space.menus[0].scalings()[0])
    growth = Growth(*EFFICIENTNET)
    rest = [
        settle(space, base, growth.at(stage), stage, first, first, tolerance).subnet
        for stage in range(1, len(space.menus))
    ]
    return first, *rest


@cache
def random_family(space: SearchSpace, seed: int, number: int) -> Family:
    """A random base and random scalings, of those that meet their budgets together."""
    rng = np.random.default_rng([seed, number])
    pool = draw_pool(space, rng)
    chosen = pool.choose_at_random(rng)
    fitting = np.all([pool.feasible[stage][index] for stage, index in enumerate(chosen)], axis=0)
    row = rng.choice(np.flatnonzero(fitting))
    base = decode(space, pool.bases[np.array([row])])[0]
    return tuple(scale(space, base, scaling) for scaling in pool.at(chosen))


def _results(folder: Path, wanted: tuple[Search, ...]) -> list[dict[str, Any]] | None:
    paths = [result_file(folder, search) for search in wanted]
    if not all(path.is_file() for path in paths):
        return None
    return [files.read_json(path) for path in paths]
