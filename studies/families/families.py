"""The families: found by a search, made by EfficientNet's compound rule, and drawn at random."""

from __future__ import annotations

from functools import cache

import numpy as np

from scalenet_tf.costs.bases import decode
from scalenet_tf.extrapolation.fit_to_budget import fit_to_budget
from scalenet_tf.extrapolation.growth import Growth
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.space import BaseArchitecture, SearchSpace, Subnet
from scalenet_tf.space.compound_growth import EFFICIENTNET
from scalenet_tf.space.scaling import scale
from studies.common.items import Items
from studies.families.plan import Search, Way, searches
from studies.families.study import Study, TrialLength, Tuned

Family = tuple[Subnet, ...]  # S0 first


def found(
    study: Study, items: Items, way: Way, budget: float, tuned: Tuned | TrialLength, seed: int
) -> Family | None:
    """The family that a way found, or None unless all its searches are finished."""
    results = items.get_all([search.item for search in searches(study, way, budget, tuned, seed)])
    if results is None:
        return None
    members = [member for result in results for member in result["members"]]
    return tuple(Subnet.model_validate(member["subnet"]) for member in members)


def costs(items: Items, finished: tuple[Search, ...]) -> dict[str, float]:
    """The costs of finished searches, added up; see `run_search` for the keys."""
    each = [items[search.item]["cost"] for search in finished]
    return {name: sum(cost.get(name, 0) for cost in each) for name in (each[0] if each else {})}


def compound(study: Study, items: Items, tuned: Tuned | TrialLength, seed: int) -> Family | None:
    """EfficientNet's rule on the base that the search of S0 alone found at the highest budget.

    Returns:
      The family, or None unless that search is finished.
    """
    result = items.get(Search("independent", 0, study.budgets[-1], tuned, seed).item)
    if result is None:
        return None
    base = BaseArchitecture.model_validate(result["members"][0]["base"])
    return _compound_family(study.space, base, study.tolerance)


@cache
def _compound_family(space: SearchSpace, base: BaseArchitecture, tolerance: float) -> Family:
    first = scale(space, base, space.menus[0].scalings()[0])
    growth = Growth(*EFFICIENTNET)
    rest = [
        fit_to_budget(space, base, growth.at(stage), stage, first, first, tolerance).subnet
        for stage in range(1, len(space.menus))
    ]
    return first, *rest


@cache
def random_family(space: SearchSpace, seed: int, number: int) -> Family:
    """A random base with random scalings, all of which meet their budgets."""
    rng = np.random.default_rng([seed, number])
    pool = draw_pool(space, rng)
    chosen = pool.choose_at_random(rng)
    fitting = np.all([pool.feasible[stage][index] for stage, index in enumerate(chosen)], axis=0)
    row = rng.choice(np.flatnonzero(fitting))
    base = decode(space, pool.bases[np.array([row])])[0]
    return tuple(scale(space, base, scaling) for scaling in pool.at(chosen))
