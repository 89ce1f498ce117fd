"""pymoo's NSGA-II over depths and ops, with the score as objective."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.callback import Callback
from pymoo.core.problem import ElementwiseProblem
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.operators.repair.rounding import RoundingRepair
from pymoo.operators.sampling.rnd import IntegerRandomSampling
from pymoo.optimize import minimize

from studies.nas_bench_macro.problem import Evaluations, Problem

PARAMETERS = tuple({"population": population, "eta": eta} for population in (8, 16, 32) for eta in (3, 15))
_GENERATIONS = 1000
_PATIENCE = 10  # generations without a new network after which it restarts
_STARTS = 50


def search(problem: Problem, parameters: dict[str, int], seed: int, most: int) -> list[int]:
    """Runs NSGA-II, and restarts it when it evaluates nothing new."""
    found = Evaluations(problem, most)
    networks = _Networks(problem, found)
    for start in range(_STARTS):
        algorithm = NSGA2(
            pop_size=parameters["population"],
            sampling=IntegerRandomSampling(),
            crossover=SBX(prob=0.9, eta=parameters["eta"], vtype=float, repair=RoundingRepair()),
            mutation=PM(eta=parameters["eta"], vtype=float, repair=RoundingRepair()),
            eliminate_duplicates=True,
        )
        own = int(np.random.default_rng([seed, start]).integers(2**31))
        minimize(networks, algorithm, ("n_gen", _GENERATIONS), seed=own, callback=_Stop(found), verbose=False)
        if found.spent:
            break
    return found.order[:most]


class _Stop(Callback):
    """Ends a run that has used up its evaluations, or evaluates nothing new any more."""

    def __init__(self, found: Evaluations) -> None:
        super().__init__()
        self._found = found
        self._known, self._since = 0, 0

    def update(self, algorithm: Any) -> None:
        self._since = 0 if len(self._found.order) > self._known else self._since + 1
        self._known = len(self._found.order)
        if self._found.spent or self._since == _PATIENCE:
            algorithm.termination.force_termination = True


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
