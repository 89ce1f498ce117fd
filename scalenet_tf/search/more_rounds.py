"""More rounds for the search of a run, which continues from its journal whether it had ended or not."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Sequence

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.config_file import write_config_file
from scalenet_tf.run.given_objects import (
    NOTHING_GIVEN,
    GivenObjects,
    check_criteria,
    check_same_parts,
    other_criteria,
)
from scalenet_tf.run.own_parts import OwnParts
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.search.identity import check_identity, identify, read_identity
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import revisited

logger = logging.getLogger(__name__)


def with_rounds(run: Run, rounds: int, given: GivenObjects = NOTHING_GIVEN) -> Run:
    """Gives the search of a run more rounds. Subnets that were scored are not scored again.

    The search then ends like one that had this number of rounds from the start. A search that has converged
    is left as it is, since more rounds would change nothing: see `has_converged`.

    Args:
      run: Run to change. Its config.yaml is rewritten, and a result.json of fewer rounds is removed.
      rounds: New total number of rounds, at least the run's current number.
      given: Names of the constraints, the objective and the own parts of the members' training with which the
        search will go on. Default: none.

    Returns:
      The run with its new configuration, for `steps.search` to continue.

    Raises:
      ScaleNetError: If `rounds` is lower than before, if the family was already made from the result, if the
        search was begun with other objects, if another process searches in the run, or if its journal belongs
        to another search. Nothing is changed then.

    Example:
      >>> steps.search(with_rounds(Run.open("runs/first"), 8))
    """
    config = run.config.search
    if rounds < config.rounds:
        raise InvalidInputError(
            f"`rounds` must be at least the {config.rounds} that the run {str(run.path)!r} has: it is the "
            f"new total. Received: {rounds}. For fewer of them, search in a new run."
        )
    result = read_search_result(run)
    if result is not None and has_converged(run):
        logger.info(converged_text(run, result.trajectory[-1].round))
        return run
    if rounds == config.rounds:
        return run
    _refuse_made(run)
    _check_given(run, rounds, given)
    identity = run.search_identity_file
    if identity.is_file():
        problem = SearchProblem(run.space(), config, run.config.seed, start=run.warm_start())
        # The weights are not at hand: they are compared when the search goes on.
        known = {part: value for part, value in identify(problem) if value is not None}
        check_identity(identity, read_identity(identity).model_copy(update=known))
    more = run.config.model_copy(update={"search": config.model_copy(update={"rounds": rounds})})
    # Held, so that no other process finishes with the old number of rounds after this.
    journal = Journal(run.trials_file)
    journal.hold()
    try:
        # After a kill between these two, the old result is written again from the finished journal.
        run.search_result_file.unlink(missing_ok=True)
        write_config_file(run, more)
    finally:
        journal.close()
    return Run(run.path, more)


def check_criteria_of_result(run: Run, names: Sequence[str]) -> None:
    """Checks that a search that is done was begun with the constraints and the objective that are given now.

    Args:
      run: The run.
      names: Names of the given ones. No names are fine: nothing is left to search.

    Raises:
      ScaleNetError: If it was begun with others.
    """
    if names and run.search_identity_file.is_file():
        _check_begun_with(run, names, otherwise=", or leave them out: the search is done")


def _check_begun_with(run: Run, names: Sequence[str], *, setting: str = "", otherwise: str = "") -> None:
    """Checks names against those in oracle.json; for the others see `other_criteria`."""
    begun = read_identity(run.search_identity_file).demands or ()
    if begun != tuple(names):
        raise other_criteria(run, begun, names, setting=setting, otherwise=otherwise)


def has_converged(run: Run) -> bool:
    """Returns whether the search of a run ended by revisiting a state of its chain."""
    result = read_search_result(run)
    if result is None:
        return False
    states = [(state.base, state.scalings) for state in result.trajectory]
    return revisited(states, run.config.search.restarts)


def converged_text(run: Run, rounds: int) -> str:
    """Returns the message for a user whose search ended by revisiting a state in round `rounds`."""
    return (
        f"search: the chain revisited an earlier state in round {rounds}: more rounds change nothing. "
        "Another seed or a larger search.population, in a new run, may find more; it starts from here with "
        f"--set search.warm_start={shlex.quote(str(run.path))}"
    )


def _check_given(run: Run, rounds: int, given: GivenObjects) -> None:
    """Checks, while the result is there, that the search will get the objects that it was begun with."""
    criteria = given.criteria or ()
    if not run.search_identity_file.is_file():
        check_criteria(run, criteria)
        return
    _check_begun_with(run, criteria, setting=f"search={{'rounds': {rounds}}}")
    if run.config.search.confirm:  # Finalists are trained with the parts, and were with those on record.
        check_same_parts(run, given.parts or OwnParts())


def _refuse_made(run: Run) -> None:
    made = [path for path in (run.family_file, run.members, run.report_file) if path.exists()]
    if made and made != [run.report_file]:
        aside = run.path.with_name(f"{run.path.name}-{run.config.search.rounds}-rounds")
        moves = shlex.join(["mv", *map(str, made), str(aside)])
        raise InvalidInputError(
            f"`rounds`: {', '.join(path.name for path in made)} of the run {str(run.path)!r} were made from "
            f"the result of {run.config.search.rounds} rounds, and more rounds may find another one. Move "
            f"them away first: {shlex.join(['mkdir', str(aside)])} && {moves}"
        )
