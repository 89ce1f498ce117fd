"""`--json`: the result of a command as one JSON object on stdout, which holds nothing else."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from json import dumps as dump_json
from typing import Annotated, Any, TextIO

import typer

from scalenet_tf.cli import logs
from scalenet_tf.utils.printable import write_line

SCHEMA = 1


_kept: list[TextIO] = []  # stdout of the command that runs, if its result is JSON


def _keep_stdout(context: typer.Context, wanted: bool) -> bool:
    if wanted:
        logs.to_stderr()
        context.with_resource(_stdout_kept())
    return wanted


@contextmanager
def _stdout_kept() -> Iterator[None]:
    """Sends what libraries print to stderr, such as MLflow the address of a run, away from the object."""
    _kept.append(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _kept.pop()


JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        callback=_keep_stdout,
        is_eager=True,
        help="Print the result as JSON to stdout, and log lines to stderr.",
    ),
]


def write_result(command: str, result: Any) -> None:
    """Writes the result of a command to stdout: {"schema": 1, "command": …, "result": …}.

    Args:
      command: Words of the command, such as "info run".
      result: A mapping, a dataclass, a Pydantic value, or a list of these. Paths become texts, numbers that
        are not finite become null.

    Example:
      >>> write_result("runs", [])
      {"schema": 1, "command": "runs", "result": []}
    """
    from pydantic_core import to_jsonable_python

    value = _finite(to_jsonable_python(result))
    write_line(
        dump_json({"schema": SCHEMA, "command": command, "result": value}, indent=2),
        _kept[-1] if _kept else None,
    )


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
