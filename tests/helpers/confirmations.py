"""Confirmations of tiny searches, with all their results."""

from __future__ import annotations

from scalenet_tf.search.confirmation import Confirmation
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import State
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from tests.helpers.tiny_search import CONFIRMED, SPACE, MadeUpTraining, finished

PROBLEM = SearchProblem(SPACE, CONFIRMED, 0)


def confirmed(problem: SearchProblem, fails: frozenset[str] = frozenset()) -> Confirmation:
    """A confirmation with all its results; the training of the subnets with the keys `fails` fails."""
    confirmation = Confirmation(problem, finished(Mcea(problem)))
    while (evaluation := confirmation.ask()) is not None:
        subnet, stage = evaluation.subnet, evaluation.scaling_stage
        failed = subnet.key in fails
        confirmation.tell(evaluation, None if failed else MadeUpTraining().accuracy(subnet, stage))
    assert confirmation.finished
    return confirmation


def networks(state: State) -> tuple[Subnet, ...]:
    """The subnets of a state, S0 first."""
    return tuple(scale(SPACE, state.base, scaling) for scaling in state.scalings)
