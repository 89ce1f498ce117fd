"""pymoo's NSGA-II over depths and ops, with the score as objective."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymoo.core.problem import ElementwiseProblem
from pymoo.operators.sampling.rnd import IntegerRandomSampling

from studies.common.nsga2 import PARAMETERS as PARAMETERS
from studies.common.nsga2 import STARTS, evolve
from studies.nas_bench_macro.problem import Evaluations, Problem

# With pymoo's own 100, a search of this table takes four times as long.
_MATINGS = 3


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Runs NSGA-II, and restarts it when it evaluates nothing new."""
    found = Evaluations(problem, most)
    networks = _Networks(problem, found)
    for start in range(STARTS):
        own = int(np.random.default_rng([seed, start]).integers(2**31))
        evolve(networks, IntegerRandomSampling(), parameters, own, found, _MATINGS)
        if found.spent:
            break
    return found.order[:most]


class _Networks(ElementwiseProblem):
    """The search problem. Genes: the depth of each stage, and the op of each slot."""

    def __init__(self, problem: Problem, found: Evaluations) -> None:
        self._problem, self._found = problem, found
        self._stages = problem.table.space.stages
        low = [stage.depth[0] for stage in self._stages]
        high = [stage.depth[1] for stage in self._stages]
        ops = [len(stage.ops) - 1 for stage in self._stages for _ in range(stage.depth[1])]
        super().__init__(
            n_var=len(low) + len(ops),
            n_obj=1,
            xl=np.array([*low, *(0 for _ in ops)]),
            xu=np.array([*high, *ops]),
            vtype=int,
        )

    def _evaluate(self, x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        genes = x.round().astype(int).tolist()
        code, begin = "", len(self._stages)
        for stage, depth in zip(self._stages, genes, strict=False):
            ops = genes[begin : begin + depth]
            code += "".join(str(1 + op) for op in ops).ljust(stage.depth[1], "0")
            begin += stage.depth[1]
        # What comes after the last evaluation is neither scored nor counted.
        out["F"] = [0.0 if self._found.spent else -self._found.score(self._problem.by_code[code])]
