"""State of the job steps of a run, derived from its files."""

from __future__ import annotations

from collections.abc import Mapping

from scalenet_tf.run.family import read_family
from scalenet_tf.run.layout import RunFolder


def step_states(run: RunFolder) -> dict[str, str]:
    """Returns the state of each job step in order: "done", "started", "2 of 5" or "not started".

    A transferred run has only the last three steps.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If family.json is damaged.

    Example:
      >>> step_states(RunFolder(Path("runs/first")))["retrain"]
      '2 of 5'
    """
    family = read_family(run)
    members = family.members if family else ()
    written = [run.member_files(member.stage) for member in members]
    found = {
        "train": _state(run.supernet_done_file.is_file(), run.supernet.is_dir()),
        "search": _state(run.search_result_file.is_file(), run.search.is_dir()),
        "scale": _state(bool(members), False),
    }
    if family and family.transferred:
        found = {}
    return found | {
        "retrain": _share(
            sum(files.metrics.is_file() for files in written),
            len(members),
            started=any(files.architecture.is_file() for files in written),
        ),
        "export": _share(
            sum((files.saved_model / "saved_model.pb").is_file() for files in written), len(members)
        ),
        "report": _state(run.report_file.is_file(), False),
    }


def steps_left(states: Mapping[str, str]) -> list[str]:
    """Returns the names of the job steps that are not done, in order.

    Args:
      states: State of each job step, see `step_states`.
    """
    return [name for name, state in states.items() if state != "done"]


def _state(done: bool, started: bool) -> str:
    return "done" if done else "started" if started else "not started"


def _share(done: int, members: int, *, started: bool = False) -> str:
    return f"{done} of {members}" if 0 < done < members else _state(0 < done == members, started)
