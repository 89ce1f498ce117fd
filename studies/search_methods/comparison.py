"""Every method on every seed, curve by curve; its parameters are tuned on other seeds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from studies.common.items import FolderItems, Item, Items
from studies.common.sharing import part_of
from studies.search_methods.methods import compound, independent, mcea, nsga2, random_search
from studies.search_methods.score_table import ScoreTable
from studies.search_methods.study import Study

FIRST_TUNING_SEED = 1000
_FRACTION = 0.25  # Evaluations of a run as a fraction of the table, unless the run is exhaustive.
Parameters = dict[str, int]


@dataclass(frozen=True)
class Method:
    """A way to search.

    Attributes:
      search: Called with the table, parameters, seed and number of evaluations; returns a curve.
      parameters: The parameters that tuning chooses from.
      exhaustive: Whether a run may evaluate the whole table.
    """

    search: Callable[[ScoreTable, Parameters, int, int], list[float]]
    parameters: tuple[Parameters, ...]
    exhaustive: bool = False


METHODS = {
    "mcea": Method(mcea.search, mcea.HALVING_PARAMETERS),
    "defaults": Method(mcea.search, mcea.DEFAULTS),
    "no halving": Method(mcea.search, mcea.PARAMETERS),
    "no restarts": Method(partial(mcea.search, restarts=0), mcea.HALVING_PARAMETERS),
    "random": Method(random_search.search, random_search.PARAMETERS, exhaustive=True),
    "nsga2": Method(nsga2.search, nsga2.PARAMETERS),
    "compound": Method(compound.search, compound.PARAMETERS),
    "independent": Method(independent.search, independent.PARAMETERS),
}


@dataclass(frozen=True)
class Comparison:
    """The curves of all methods; a missing one is made, and kept in the study's folder if it has one.

    Attributes:
      study: The study.
      table: The table that is searched.
      items: The study's items.
      methods: Names of the methods, of `METHODS`.
    """

    study: Study
    table: ScoreTable
    items: Items
    methods: tuple[str, ...] = tuple(METHODS)
    _made: dict[str, np.ndarray] = field(default_factory=dict)

    def run(self, say: Callable[[str], None], share: str = "1/1") -> None:
        """Tunes each method, then runs it on the seeds that are reported.

        Args:
          say: Prints a line of progress.
          share: "K/N" for the K-th of N processes, each of which runs its part of the methods.
        """
        for name in part_of(self.methods, share):
            begun = time.monotonic()
            parameters = self.tuned(name)
            for seed in range(self.study.seeds):
                self._curve(name, parameters, seed)
            say(f"{name}: {json.dumps(parameters)}, {time.monotonic() - begun:.0f} s")

    def tuned(self, name: str) -> Parameters:
        """The parameters with the highest mean value over budgets and tuning seeds."""
        method, seeds = METHODS[name], range(self.study.tuning_seeds)
        if len(method.parameters) == 1:
            return method.parameters[0]

        def value(parameters: Parameters) -> float:
            curves = [self._curve(name, parameters, FIRST_TUNING_SEED + seed) for seed in seeds]
            # Without a family, a run is worth as much as the worst score.
            floor = min(self.table.scores.values())
            return float(np.mean(np.nan_to_num([self.at_budgets(curve) for curve in curves], nan=floor)))

        return max(method.parameters, key=value)

    def curves(self, name: str) -> list[np.ndarray]:
        """The curves of a method on the seeds that are reported."""
        parameters = self.tuned(name)
        return [self._curve(name, parameters, seed) for seed in range(self.study.seeds)]

    def at_budgets(self, curve: np.ndarray) -> np.ndarray:
        """The values at the study's budgets; a search that ended before keeps its last value."""
        last = [min(self.evaluations(fraction), len(curve)) - 1 for fraction in self.study.budgets]
        return curve[last]

    def evaluations(self, fraction: float) -> int:
        """The number of evaluations in a fraction of the table, at least 1."""
        return max(1, round(fraction * self.table.size))

    def _curve(self, name: str, parameters: Parameters, seed: int) -> np.ndarray:
        text = "-".join(f"{key}{value}" for key, value in parameters.items()) or "plain"
        item = f"curves/{name}/{text}-seed{seed}"
        if item not in self._made:
            make = partial(self._make_curve, name, parameters, seed)
            found = self.items.get(item)
            if found is None:
                found = self.items.record(item, make) if isinstance(self.items, FolderItems) else make()
            self._made[item] = np.array(found["curve"], float)
        return self._made[item]

    def _make_curve(self, name: str, parameters: Parameters, seed: int) -> Item:
        method = METHODS[name]
        most = self.table.size if method.exhaustive else self.evaluations(_FRACTION)
        curve = method.search(self.table, parameters, seed, most)
        # JSON has no NaN.
        return {"curve": [None if value != value else value for value in curve]}
