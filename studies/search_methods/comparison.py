"""Every method over every seed, item by item; its parameters tuned on other seeds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.utils import files
from studies.common.study_folder import part_of
from studies.search_methods.ledger import Truth
from studies.search_methods.methods import compound, independent, mcea, nsga2, random_search
from studies.search_methods.study import Study

FIRST_TUNING_SEED = 1000
_SHARE = 0.25  # Evaluations of a run, of the table, except where a run goes on to the optimum.
Parameters = dict[str, int]


@dataclass(frozen=True)
class Method:
    """A way to search, and the parameters that tuning chooses from."""

    search: Callable[[Truth, Parameters, int, int], list[float]]
    parameters: tuple[Parameters, ...]
    whole: bool = False  # Whether a run goes on through the whole table.


METHODS = {
    "mcea": Method(mcea.search, mcea.RACING_PARAMETERS),
    "no race": Method(mcea.search, mcea.PARAMETERS),
    "no restarts": Method(partial(mcea.search, restarts=0), mcea.RACING_PARAMETERS),
    "random": Method(random_search.search, random_search.PARAMETERS, whole=True),
    "nsga2": Method(nsga2.search, nsga2.PARAMETERS),
    "compound": Method(compound.search, compound.PARAMETERS),
    "independent": Method(independent.search, independent.PARAMETERS),
}


@dataclass(frozen=True)
class Comparison:
    """Does what is left of a comparison, and reads it."""

    study: Study
    truth: Truth
    folder: Path
    methods: tuple[str, ...] = tuple(METHODS)

    def run(self, say: Callable[[str], None], share: str = "1/1") -> None:
        """Tunes each method, then runs it on the seeds that are reported.

        Args:
          share: "K/N" for the K-th of N processes, each of which takes its part of the methods.
        """
        for name in part_of(self.methods, share):
            begun = time.monotonic()
            parameters = self.tuned(name)
            for seed in range(self.study.seeds):
                self._curve(name, parameters, seed)
            say(f"{name}: {json.dumps(parameters)}, {time.monotonic() - begun:.0f} s")

    def tuned(self, name: str) -> Parameters:
        """The parameters with the highest mean value over the study's budgets and the tuning seeds."""
        method, seeds = METHODS[name], range(self.study.tuning_seeds)
        if len(method.parameters) == 1:
            return method.parameters[0]

        def value(parameters: Parameters) -> float:
            curves = [self._curve(name, parameters, FIRST_TUNING_SEED + seed) for seed in seeds]
            # Where nothing is found yet, as bad as the worst score there is.
            floor = min(self.truth.scores.values())
            return float(np.mean(np.nan_to_num([self.at_budgets(curve) for curve in curves], nan=floor)))

        return max(method.parameters, key=value)

    def curves(self, name: str) -> list[np.ndarray]:
        """Of the reported seeds."""
        parameters = self.tuned(name)
        return [self._curve(name, parameters, seed) for seed in range(self.study.seeds)]

    def at_budgets(self, curve: np.ndarray) -> np.ndarray:
        """The value after each of the study's fractions of the table: a search that has ended keeps its."""
        last = [min(self.evaluations(share), len(curve)) - 1 for share in self.study.budgets]
        return curve[last]

    def evaluations(self, share: float) -> int:
        return max(1, round(share * self.truth.size))

    def _curve(self, name: str, parameters: Parameters, seed: int) -> np.ndarray:
        text = "-".join(f"{key}{value}" for key, value in parameters.items()) or "plain"
        path = self.folder / "curves" / name / f"{text}-seed{seed}.json"
        if not path.is_file():
            method, begun = METHODS[name], time.monotonic()
            most = self.truth.size if method.whole else self.evaluations(_SHARE)
            curve = method.search(self.truth, parameters, seed, most)
            there = environment(time.monotonic() - begun)
            # JSON has no NaN.
            rows = [None if value != value else value for value in curve]
            value = {"curve": rows, "packages": package_versions(), "environment": there}
            files.write_json(path, value)
        return np.array(files.read_json(path)["curve"], float)
