"""More rounds for a run's search: it goes on from its journal, whether it had ended or not."""

from __future__ import annotations

import shlex

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.search.identity import check_identity, identify
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import came_back
from scalenet_tf.utils import files


def with_rounds(run: Run, rounds: int) -> Run:
    """Lets the search of a run have `rounds` rounds in all; nothing that was scored is scored again.

    The search then ends as one that had so many rounds from the start. A finished search whose last state
    came back is left as it is, since more rounds change nothing: see `is_settled`.

    Args:
      run: The run; its config.yaml is written, and a result.json of fewer rounds goes.
      rounds: The new total, at least what the run has.

    Returns:
      The run with its new configuration: `steps.search` goes on.

    Raises:
      ScaleNetError: for fewer rounds, for a run whose family was made from its result already, while another
        process searches in it, and for a journal of another search.

    Example:
      >>> steps.search(with_rounds(Run.open("runs/first"), 8))
    """
    config = run.config.search
    if rounds < config.rounds:
        raise InvalidInputError(
            f"`rounds` must be at least the {config.rounds} that the run {str(run.path)!r} has: it is the "
            f"new total. Received: {rounds}. For fewer of them, search in a new run."
        )
    if rounds == config.rounds or is_settled(run):
        return run
    _refuse_made(run)
    identity = run.search_identity_file
    if identity.is_file():
        problem = SearchProblem(run.space(), config, run.config.seed, start=run.warm_start())
        # The weights and the user's callables are not at hand: they are compared when the search goes on.
        check_identity(identity, {**files.read_json(identity), **identify(problem)})
    more = run.config.model_copy(update={"search": config.model_copy(update={"rounds": rounds})})
    # Held meanwhile, so that no process ends with the old number of rounds afterwards.
    journal = Journal(run.trials_file)
    journal.hold()
    try:
        # A kill between the two leaves a finished journal, from which the old result is written again.
        run.search_result_file.unlink(missing_ok=True)
        files.write_text(run.config_file, more.to_yaml())
    finally:
        journal.close()
    return Run(run.path, more)


def is_settled(run: Run) -> bool:
    """Whether the run's search ended at a state that it had been in before."""
    result = read_search_result(run)
    if result is None:
        return False
    states = [(state.base, state.scalings) for state in result.trajectory]
    return came_back(states, run.config.search.restarts)


def settled_text(run: Run, rounds: int) -> str:
    """What to tell a user whose search came back to an earlier state in its round `rounds`."""
    return (
        f"search: the chain came back to an earlier state in round {rounds}: more rounds change nothing. "
        "Another seed or a larger search.population, in a new run, may find more; it starts from here with "
        f"--set search.warm_start={shlex.quote(str(run.path))}"
    )


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
