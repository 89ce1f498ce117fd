"""The argument `run` of public functions: a `Run`, or the path of its directory."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.run import Run
from scalenet_tf.utils.shown import received


def given_run(run: Run | str | Path) -> Run:
    """Returns the run that a caller names.

    Args:
      run: The run, or the path of its directory, which is opened.

    Raises:
      ScaleNetError: If it is neither, or there is no run at the path.

    Example:
      >>> given_run("runs/first").path.name
      'first'
    """
    return run if isinstance(run, Run) else Run.open(given_directory(run))


def given_directory(run: Run | str | Path) -> str | Path:
    """Returns the path of a run's directory as it was given; there need not be a run yet.

    Raises:
      ScaleNetError: If `run` is neither a run nor a path.
    """
    if isinstance(run, Run):
        return run.path
    if isinstance(run, str | Path):
        return run
    raise InvalidInputError(
        "`run` must be a Run, such as Run.open(path) returns, or the path of its directory. "
        f"Received: {received(run)}"
    )
