"""`python -m pipelines.local.worker`: the process of KFP's local runner, started by `supervise`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.common.code import blocks_digest, code_digest
from components.common.runs import read_config
from pipelines.local.group import kill_group
from pipelines.local.last_error import last_error
from pipelines.local.step_log import Lines, PipelineStep, StepLog
from pipelines.read_files import contents_of_tasks
from pipelines.target import Target
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils import files
from scalenet_tf.utils.lock import Lock
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.yaml_text import read_yaml


def main() -> int:
    """Reads a request {"target": …, "arguments": …} from stdin, runs the pipeline, returns the exit code."""
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    # Handlers instead of SIG_IGN, which children inherit: the supervisor stops the steps itself.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: None)
    target = Target.model_validate(request["target"])
    try:
        with _alone(Path(target.pipeline_root)):
            return _run(target, request["arguments"])
    except ScaleNetError as error:
        write_line(f"pipelines: {error}", sys.stderr)
        return 2


def _end_with_supervisor() -> None:
    sys.stdin.read()
    kill_group(os.getpgrp())


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Locks the root, because two runs at once would share checkpoints."""
    with Lock(root / ".lock", f"running a pipeline in the root {str(root)!r}", "run of a pipeline"):
        yield


def _run(target: Target, arguments: dict[str, Any]) -> int:
    from kfp import local

    from pipelines.family import build

    root = Path(target.pipeline_root)
    folder = root / "logs" / time.strftime("%Y-%m-%d-%H-%M-%S")
    folder.mkdir(parents=True, exist_ok=True)
    console, log = sys.stdout, StepLog(folder, sys.stdout)
    # Cache hits are logged at INFO.
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])
    logging.getLogger().addFilter(log)
    begun, uri, failure = time.monotonic(), "", None
    with contextlib.redirect_stdout(Lines(log)), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(root), enable_caching=True)
        contents = contents_of_tasks(read_config(arguments["config"]))
        pipeline = build(target, {"SCALENET_CODE": _code(arguments["space"])}, contents)
        try:
            uri = pipeline(**arguments).output.uri
        except RuntimeError as error:
            failure = error
    seconds = time.monotonic() - begun
    console.write(_table(log.steps, seconds) + "\n")
    _write(folder, log.steps, seconds)
    if failure is not None:
        _print_failure(log.failures(), failure)
        return 1
    console.write(f"report: {uri}\nlogs: {folder}\n")
    return 0


def _code(space: str) -> str:
    """Returns the digest of the code of all steps, that of a custom space's own blocks included."""
    own = blocks_digest(SearchSpace.model_validate(read_yaml(space, "`space`"))) if space else ""
    return code_digest() + own


def _table(steps: list[PipelineStep], seconds: float) -> str:
    width = max([len(step.title) for step in steps], default=0)
    rows = [f"{step.title:<{width}}  {step.outcome:<6}  {step.seconds:8.1f} s" for step in steps]
    return "\n".join(["", *rows, f"{'whole':<{width}}  {'':<6}  {seconds:8.1f} s", ""])


def _write(folder: Path, steps: list[PipelineStep], seconds: float) -> None:
    rows = [
        {"step": step.title, "outcome": step.outcome, "seconds": round(step.seconds, 1)} for step in steps
    ]
    files.write_json(folder / "steps.json", {"steps": rows, "seconds": round(seconds, 1)})


def _print_failure(failures: list[PipelineStep], failure: RuntimeError) -> None:
    """Prints the error of the failed step as the last line."""
    sys.stdout.flush()
    if not failures:
        write_line(f"pipelines: {failure}", sys.stderr)
        return
    step = failures[0]
    lines = (
        f"the whole output of {step.title}: {step.log}",
        "after fixing it, the same command continues from the finished steps",
        f"{step.title} failed: {last_error(step.tail)}",
    )
    # Not print, which KFP may have left replaced.
    for line in lines:
        write_line(f"pipelines: {line}", sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
