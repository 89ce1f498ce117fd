"""Every method on every seed: the ranks of the best networks found, in blocks of seeds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from studies.common.items import FolderItems, Item
from studies.nas_bench_macro.methods import (
    local_search,
    mcea,
    nsga2,
    random_search,
    regularised_evolution,
)
from studies.nas_bench_macro.problem import Problem
from studies.nas_bench_macro.study import Study

FIRST_TUNING_SEED = 1_000_000
BLOCK = 50  # seeds of one item
Parameters = dict[str, int]


@dataclass(frozen=True)
class Method:
    """A way to search.

    Attributes:
      search: Called with the problem, parameters, seed and number of evaluations; returns the order in which
        networks are evaluated.
      parameters: The parameters that tuning chooses from.
    """

    search: Callable[[Problem, Parameters, int, int], list[int]]
    parameters: tuple[Parameters, ...]


METHODS = {
    "mcea": Method(mcea.search, mcea.PARAMETERS),
    "random": Method(random_search.search, random_search.PARAMETERS),
    "regularised evolution": Method(regularised_evolution.search, regularised_evolution.PARAMETERS),
    "local search": Method(local_search.search, local_search.PARAMETERS),
    "nsga2": Method(nsga2.search, nsga2.PARAMETERS),
    "mcea, defaults of a run": Method(mcea.search, mcea.DEFAULTS),
}


@dataclass(frozen=True)
class Comparison:
    """Searches of all methods; each block of seeds is an item of the study.

    Attributes:
      study: The study.
      problem: The problem.
      items: The study's items.
    """

    study: Study
    problem: Problem
    items: FolderItems

    def run(self, say: Callable[[str], None], names: list[str]) -> None:
        """Tunes methods, then runs them on the seeds that are reported.

        Args:
          say: Prints a line of progress.
          names: The methods, of `METHODS`.
        """
        for name in names:
            begun = time.monotonic()
            parameters = self._tuned(name)
            for first in range(0, self.study.seeds, BLOCK):
                self._block(name, parameters, first, min(BLOCK, self.study.seeds - first))
            say(f"{name}: {json.dumps(parameters)}, {time.monotonic() - begun:.0f} s")
            self.items.write(f"best/{_word(name)}", self._joined(name, parameters))

    def _tuned(self, name: str) -> Parameters:
        """The parameters with the lowest mean regret over budgets and tuning seeds."""
        method, count = METHODS[name], self.study.tuning_seeds
        if len(method.parameters) == 1:
            return method.parameters[0]
        means = self.problem.table.means

        def regret(parameters: Parameters) -> float:
            best = self._block(name, parameters, FIRST_TUNING_SEED, count)
            return float(means.max() - means[np.array(best)].mean())

        return min(method.parameters, key=regret)

    def _block(self, name: str, parameters: Parameters, first: int, count: int) -> list[list[int]]:
        """For each seed, the number of the best network found within each budget."""
        text = "-".join(f"{key}{value}" for key, value in parameters.items()) or "plain"
        item = f"blocks/{_word(name)}-{text}-seeds{first}to{first + count - 1}"
        make = partial(self._make_block, name, parameters, first, count)
        found: list[list[int]] = (self.items.get(item) or self.items.record(item, make))["best"]
        return found

    def _make_block(self, name: str, parameters: Parameters, first: int, count: int) -> Item:
        search, means = METHODS[name].search, self.problem.table.means
        best = []
        for seed in range(first, first + count):
            order = search(self.problem, parameters, seed, max(self.study.budgets))
            best.append([max(order[:most], key=lambda number: means[number]) for most in self.study.budgets])
        return {"best": best}

    def _joined(self, name: str, parameters: Parameters) -> Item:
        """The result of a method, which is all that the report needs beside the table's values."""
        rows: list[list[int]] = []
        for first in range(0, self.study.seeds, BLOCK):
            rows += self._block(name, parameters, first, min(BLOCK, self.study.seeds - first))
        numbers, table = np.array(rows), self.problem.table
        return {
            "parameters": parameters,
            "rank": table.rank[numbers].tolist(),
            "rank_of_all": table.rank_of_all[numbers].tolist(),
            "regret": (table.means.max() - table.means[numbers]).tolist(),
        }


def _word(name: str) -> str:
    return name.replace(" ", "-")
