"""The object that `--json` prints of a run, the same for every command that works on one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.run import Run
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.run.states import step_states, steps_left
from scalenet_tf.space import Scaling

if TYPE_CHECKING:
    from scalenet_tf.search.best import StageTrial


@dataclass(frozen=True)
class RunProgress:
    """State of a run.

    Attributes:
      states: State of each job step: "done", "started", "2 of 5" or "not started".
      command: Command that does what is left, or None if everything is done.
    """

    states: dict[str, str]
    command: str | None


def progress_of(run: Run) -> RunProgress:
    """Returns how far a run is, and the command that continues it."""
    states = step_states(run)
    if not steps_left(states):
        return RunProgress(states, None)
    return RunProgress(states, run.command("run"))


def run_result(run: Run) -> dict[str, Any]:
    """Returns the steps, the family, the cost of the search and the report of a run, for `write_result`."""
    progress, search = progress_of(run), read_search_result(run)
    return {
        "run": run.path,
        "source": run.config.data.source,
        "space": run.config.space,
        "seed": run.config.seed,
        "steps": progress.states,
        "family": [_member(row) for row in family_rows(run)],
        "search": None
        if search is None
        else {
            "cost": search.cost,
            "seconds": search.environment.seconds,
            "finalists": [
                {
                    "name": one.name,
                    "chosen": one == search.chosen,
                    "fitness": one.fitness,
                    "confirmed_fitness": one.confirmed_fitness,
                    "confirmed": one.confirmed,
                }
                for one in search.finalists or ()
            ],
        },
        "report": run.report_file if run.report_file.is_file() else None,
        "continue": progress.command,
    }


def scaling_result(scaling: Scaling) -> dict[str, float]:
    """Returns the multipliers and the resolution of a scaling."""
    return {
        "depth": scaling.depth_thousandths / 1000,
        "width": scaling.width_thousandths / 1000,
        "resolution": scaling.resolution,
    }


def trial_result(trial: StageTrial) -> dict[str, Any]:
    """Returns a trial of the search for `write_result`."""
    return {**asdict(trial), "base": str(trial.base), "scaling": scaling_result(trial.scaling)}


def _member(row: FamilyRow) -> dict[str, Any]:
    return {**asdict(row), "scaling": scaling_result(row.scaling)}
