"""`Criteria`: constraints and an objective of the user's own, as Python callables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.architectures import Subnet
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.users_code import failure_named

# constraint(subnet, scaling_stage) -> True if the subnet is allowed.
Constraint = Callable[[Subnet, int], bool]
# objective(subnet, accuracy) -> the number that the search maximises.
Objective = Callable[[Subnet, float], float]

_ADVICE = "Fix it, then search again."


@dataclass(frozen=True)
class Criteria:
    """A user's own constraints and objective, on top of the budgets of the space.

    All callables must be pure: equal arguments give equal results, in every process.

    Attributes:
      constraints: Callables of (subnet, scaling stage) that return True if the subnet is allowed there and
        False if not. A subnet that is not allowed is never scored.
      objective: Callable of (subnet, accuracy) that returns a finite number, which the search maximises.
        Default: the accuracy itself. With `search.halving` below 1, its values at the smallest scaling stage
        alone decide which bases are scored at the next one, so it should be meaningful at every stage.

    Example:
      >>> Criteria(constraints=(lambda subnet, scaling_stage: subnet.num_blocks <= 20,))
    """

    constraints: tuple[Constraint, ...] = ()
    objective: Objective | None = None

    @classmethod
    def of(cls, constraints: Sequence[Constraint], objective: Objective | None) -> Criteria:
        """Returns the criteria that a user passes.

        Raises:
          ScaleNetError: If they are no list of callables, and no callable.
        """
        listed = isinstance(constraints, list | tuple)
        if not (listed and all(map(callable, constraints))):
            raise InvalidInputError(
                "`constraints` must be a list of callables of (subnet, scaling stage). "
                f"Received: {received(constraints)}"
                + (". Put it into a list: constraints=[…]" if callable(constraints) else "")
            )
        if not (objective is None or callable(objective)):
            raise InvalidInputError(
                "`objective` must be a callable of (subnet, accuracy), or None for the accuracy itself. "
                f"Received: {received(objective)}"
            )
        return cls(tuple(constraints), objective)

    def allows(self, subnet: Subnet, scaling_stage: int) -> bool:
        """Returns whether all constraints allow a subnet in a scaling stage.

        Raises:
          ScaleNetError: If a constraint raises, or returns neither True nor False.
        """
        return all(self._check(index, subnet, scaling_stage) for index in range(len(self.constraints)))

    def value(self, subnet: Subnet, accuracy: float) -> float:
        """Returns the value of the objective: the number that the search maximises.

        Raises:
          ScaleNetError: If the objective raises, or does not return a finite number.
        """
        if self.objective is None:
            return accuracy
        with failure_named(
            f"`objective` {name_of(self.objective)} failed for accuracy {accuracy:g}", _ADVICE
        ):
            value: Any = self.objective(subnet, accuracy)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if isinstance(value, str) or not math.isfinite(number):
            raise InvalidInputError(
                f"`objective` {name_of(self.objective)} must return a finite number for a subnet and its "
                f"accuracy. Received: {value!r}, for accuracy {accuracy:g} and the subnet {subnet.key} at "
                f"{subnet.resolution} px. {_ADVICE}"
            )
        return number

    @property
    def names(self) -> list[str]:
        """Names of the constraints, then of the objective: a resumed search must bring the same ones."""
        return [name_of(c) for c in self.constraints] + ([name_of(self.objective)] if self.objective else [])

    def _check(self, index: int, subnet: Subnet, scaling_stage: int) -> bool:
        constraint = self.constraints[index]
        with failure_named(
            f"`constraints[{index}]` {name_of(constraint)} failed in stage {scaling_stage}", _ADVICE
        ):
            allowed: Any = constraint(subnet, scaling_stage)
        # NumPy booleans are fine. A number or None is more likely a mistake.
        if type(allowed).__name__ not in ("bool", "bool_"):
            raise InvalidInputError(
                f"`constraints[{index}]` {name_of(constraint)} must return True or False for a subnet and "
                f"its scaling stage. Received: {allowed!r}, for stage {scaling_stage} and the subnet "
                f"{subnet.key} at {subnet.resolution} px. {_ADVICE}"
            )
        return bool(allowed)


NO_CRITERIA = Criteria()


def name_of(rule: Callable[..., Any]) -> str:
    """Returns a function's module and qualified name."""
    return f"{rule.__module__}.{getattr(rule, '__qualname__', type(rule).__name__)}"
