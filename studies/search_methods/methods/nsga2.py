"""pymoo's NSGA-II over base and scalings at once, with the mean score as objective."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymoo.core.problem import ElementwiseProblem

from scalenet_tf.costs.bases import EncodedBases, encode, genotypes
from studies.common.nsga2 import PARAMETERS as PARAMETERS
from studies.common.nsga2 import STARTS, evolve
from studies.search_methods.score_table import CountingScorer, ScoreTable
from studies.search_methods.states import Option


def search(table: ScoreTable, parameters: dict[str, int], seed: int, most: int) -> list[float]:
    """Runs NSGA-II from random feasible states, and restarts it when it scores nothing new.

    Infeasible states are recognised without an evaluation.
    """
    scorer = CountingScorer(table, most)
    problem = _Joint(table, scorer)
    for start in range(STARTS):
        rng = np.random.default_rng([seed, start])
        first = np.array([problem.random_state(rng) for _ in range(parameters["population"])])
        evolve(problem, first, parameters, int(rng.integers(2**31)), scorer)
        if scorer.spent:
            break
    return scorer.curve[:most]


class _Joint(ElementwiseProblem):
    """The search problem. Genes: depth of each stage, op of each block, scaling of each scaling stage."""

    def __init__(self, table: ScoreTable, scorer: CountingScorer) -> None:
        self._table, self._scorer = table, scorer
        space = table.states.space
        self._encoded = encode(space, list(table.states.bases))
        self._numbers = {genotype: number for number, genotype in enumerate(genotypes(self._encoded))}
        # Values of the scaling genes: all scalings that any base has in the stage.
        self._menus = [
            list(dict.fromkeys(scaling for menus in table.states.scaled for scaling in menus[stage]))
            for stage in range(table.stages)
        ]
        blocks = self._encoded.ops.shape[2]
        low = [stage.depth[0] for stage in space.stages]
        high = [stage.depth[1] for stage in space.stages]
        ops = [len(stage.ops) - 1 for stage in space.stages for _ in range(blocks)]
        scalings = [len(menu) - 1 for menu in self._menus]
        super().__init__(
            n_var=len(low) + len(ops) + len(scalings),
            n_obj=1,
            n_ieq_constr=1,
            xl=np.array([*low, *(0 for _ in ops), *(0 for _ in scalings)]),
            xu=np.array([*high, *ops, *scalings]),
            vtype=int,
        )

    def random_state(self, rng: np.random.Generator) -> np.ndarray:
        """The genes of a random feasible state."""
        base = int(rng.choice(self._table.states.complete))
        menus = self._table.states.options[base]
        options = [menu[rng.integers(len(menu))] for menu in menus]
        chosen = [menu.index(option.scaling) for menu, option in zip(self._menus, options, strict=True)]
        return np.concatenate([self._encoded.depth[base], self._encoded.ops[base].ravel(), chosen])

    def _evaluate(self, x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        options, missing = self._options(x.round().astype(np.int64))
        # An infeasible state is never scored; its constraint counts its infeasible parts.
        out["G"] = [missing]
        out["F"] = [0.0 if missing or self._scorer.spent else -self._value(options)]

    def _value(self, options: list[Option]) -> float:
        return float(np.mean([self._scorer.score(option) for option in options]))

    def _options(self, x: np.ndarray) -> tuple[list[Option], int]:
        """The networks of a state, and the number of its infeasible parts."""
        stages = self._encoded.depth.shape[1]
        depth, ops, chosen = np.split(x, [stages, len(x) - self._table.stages])
        encoded = EncodedBases(depth[None], ops.reshape(1, stages, -1))
        number = self._numbers.get(genotypes(encoded)[0])
        if number is None:
            return [], 1 + self._table.stages
        scalings = [menu[index] for menu, index in zip(self._menus, chosen, strict=True)]
        pairs = zip(self._table.states.scaled[number], scalings, strict=True)
        found = [scaled[scaling] for scaled, scaling in pairs if scaling in scaled]
        return found, self._table.stages - len(found)
