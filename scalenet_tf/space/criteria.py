"""What a user demands of a search beyond its space: constraints and an objective of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import Subnet

# Whether a subnet is allowed in a scaling stage.
Constraint = Callable[[Subnet, int], bool]
# What is maximised, from a subnet and its accuracy.
Objective = Callable[[Subnet, float], float]


@dataclass(frozen=True)
class Demands:
    """A user's own rules. All of them must be pure: equal arguments, equal answers, in every process.

    Attributes:
      constraints: Each says of (subnet, scaling stage) whether it is allowed: True or False. What is not
        allowed is never scored.
      objective: Gives, from (subnet, accuracy), the finite number that the search maximises; the accuracy
        itself where None. It should mean something at each stage: the smallest one alone decides which
        quarter of a generation goes on (`search.race`; 1 does without).

    Example:
      >>> Demands(constraints=(lambda subnet, stage: subnet.num_blocks <= 20,))
    """

    constraints: tuple[Constraint, ...] = ()
    objective: Objective | None = None

    def allows(self, subnet: Subnet, stage: int) -> bool:
        """Whether all constraints allow a subnet.

        Raises:
          ScaleNetError: for a constraint that says neither True nor False.
        """
        return all(self._says(number, subnet, stage) for number in range(len(self.constraints)))

    def value(self, subnet: Subnet, accuracy: float) -> float:
        """What the search maximises.

        Raises:
          ScaleNetError: for an objective that gives no finite number.
        """
        if self.objective is None:
            return accuracy
        value: Any = self.objective(subnet, accuracy)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if isinstance(value, str) or not math.isfinite(number):
            raise InvalidInputError(
                f"`objective` {name_of(self.objective)} must return a finite number for a subnet and its "
                f"accuracy. Received: {value!r}, for accuracy {accuracy:g} and the subnet {subnet.key} at "
                f"{subnet.resolution} px. Mend it, then search again."
            )
        return number

    @property
    def names(self) -> list[str]:
        """The constraints' names, then the objective's: what a resumed search has to bring again."""
        return [name_of(c) for c in self.constraints] + ([name_of(self.objective)] if self.objective else [])

    def _says(self, number: int, subnet: Subnet, stage: int) -> bool:
        constraint = self.constraints[number]
        answer: Any = constraint(subnet, stage)
        # A NumPy bool is one too; a number or None is more likely a mistake.
        if type(answer).__name__ not in ("bool", "bool_"):
            raise InvalidInputError(
                f"`constraints[{number}]` {name_of(constraint)} must return True or False for a subnet and "
                f"its scaling stage. Received: {answer!r}, for stage {stage} and the subnet {subnet.key} at "
                f"{subnet.resolution} px. Mend it, then search again."
            )
        return bool(answer)


NONE = Demands()


def name_of(rule: Callable[..., Any]) -> str:
    """A function's module and name."""
    return f"{rule.__module__}.{getattr(rule, '__qualname__', type(rule).__name__)}"
