"""State of the job steps of a run, derived from its files."""

from __future__ import annotations

from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run


def step_states(run: Run) -> dict[str, str]:
    """Returns the state of each job step in order: "done", "started", "2 of 5" or "not started".

    A transferred run has only the last three steps.
    """
    family = family_rows(run)
    found = {
        "train": _state(run.supernet_done_file.is_file(), run.supernet.is_dir()),
        "search": _state(run.search_result_file.is_file(), run.search.is_dir()),
        "scale": _state(bool(family), False),
    }
    if family and all(row.origin == "transferred" for row in family):
        found = {}
    return found | {
        "retrain": _share(sum(row.validation_accuracy is not None for row in family), len(family)),
        "export": _share(sum(row.saved_model is not None for row in family), len(family)),
        "report": _state(run.report_file.is_file(), False),
    }


def _state(done: bool, started: bool) -> str:
    return "done" if done else "started" if started else "not started"


def _share(done: int, members: int) -> str:
    return "done" if members and done == members else f"{done} of {members}" if done else "not started"
