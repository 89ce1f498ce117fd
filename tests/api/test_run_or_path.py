"""Every public function that works on a run takes it as a `Run` or as the path of its directory."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import scalenet_tf as sn
from scalenet_tf import steps
from scalenet_tf.run import Run


def takes_a_run() -> dict[str, Callable[..., Any]]:
    public = {name: getattr(sn, name) for name in sn.__all__ if not name.endswith("Error")}
    own = {name: found for name, found in vars(steps).items() if inspect.isfunction(found)}
    public |= {f"steps.{name}": own[name] for name in own if own[name].__module__ == steps.__name__}
    return {
        name: found
        for name, found in public.items()
        if callable(found) and found.__module__.startswith("scalenet_tf.")
        if "run" in inspect.signature(found).parameters
    }


FUNCTIONS = takes_a_run()


def called(function: Callable[..., Any], run: object) -> object:
    """Calls a function; whatever else it needs is None, since the run is looked at first."""
    parameters = inspect.signature(function).parameters.values()
    needed = {
        one.name: None for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD
    }
    return function(**{**needed, "run": run})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_path_is_opened_and_anything_else_named(name: str, tmp_path: Path) -> None:
    function = FUNCTIONS[name]
    assert inspect.signature(function).parameters["run"].annotation == "Run | str | Path"
    for path in (tmp_path, str(tmp_path)):
        if name == "search_family":
            break  # it begins a run there
        with pytest.raises(sn.InvalidInputError, match=r"`run` must be the directory of a run"):
            called(function, path)
    with pytest.raises(sn.InvalidInputError, match=r"`run` must be a Run, such as Run\.open\(path\).*: 7$"):
        called(function, 7)


def test_all_of_them_are_looked_at() -> None:
    known = {"best_of_stage", "load_member", "family_rows", "open_family", "steps.report", "tuner"}
    assert known < set(FUNCTIONS) and len(FUNCTIONS) >= 20


def test_a_path_gives_what_the_run_gives(finished_run: Run) -> None:
    assert sn.family_rows(str(finished_run.path)) == sn.family_rows(finished_run)
    assert steps.family_stages(finished_run.path) == steps.family_stages(finished_run) == [0, 1, 2, 3]
    row = sn.family_rows(finished_run)[1]
    assert sn.FamilyMember(str(finished_run.path), row).run == finished_run
