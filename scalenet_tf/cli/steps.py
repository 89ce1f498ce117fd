"""One command for each job step; each prints the command of the next step."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.begin import begins_run
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.resume import resumable
from scalenet_tf.cli.scaling_stage import StageOption, check_stages
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.exports import Format, check_writer
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.run import Run

logger = logging.getLogger(__name__)

PANEL = "Job steps"


def register(app: typer.Typer) -> None:
    """Adds the commands `train`, `search`, `scale`, `retrain`, `export` and `report` to `app`."""
    for command, example in (
        (train, "scalenet train --config quickstart --run runs/first --set supernet.steps=3000"),
        (
            search,
            "scalenet search --run runs/first --rounds 8, or with --worker w1 --address chief-host:8470",
        ),
        (scale, "scalenet scale --run runs/first"),
        (retrain, "scalenet retrain --run runs/first --stage 0 --stage 4"),
        (export, "scalenet export --run runs/first --format saved_model --format litert --format onnx"),
        (report, "scalenet report --run runs/first --max-latency-ms 5 --max-bytes 2e6"),
    ):
        app.command(epilog=f"Example: {example}", rich_help_panel=PANEL)(command)


@begins_run
def train(run: Run, json: bool) -> None:
    """Train the super-supernet. Starts a new run if there is none."""
    from scalenet_tf import steps

    _do("train", run, steps.train, json=json)


def search(
    run: options.RunOption,
    rounds: options.RoundsOption = None,
    chief: options.ChiefOption = False,
    worker: options.WorkerOption = None,
    address: options.AddressOption = None,
    certificate: options.CertificateOption = None,
    key: options.KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Search the base model and the scaling of each stage jointly, on one machine or many."""
    from scalenet_tf import steps
    from scalenet_tf.run.supernet_done import require_supernet_done
    from scalenet_tf.search.distributed.role import read_role

    if rounds is not None and worker is not None:
        raise InvalidInputError(
            f"--rounds is for the process that keeps the search: give it to the chief. Received: --rounds "
            f"{rounds} with --worker {worker!r}"
        )
    role = read_role(chief, worker, address, certificate, key)
    opened = options.open_run(run, None, [])
    if rounds is not None:
        from scalenet_tf.search.more_rounds import with_rounds

        opened = with_rounds(opened, rounds)
    if not opened.search_result_file.is_file():
        require_supernet_done(opened)
    if role is not None:
        role.enter()
    _do("search", opened, steps.search, words=role.words if role else (), json=json)


def scale(run: options.RunOption, json: JsonOption = False) -> None:
    """Write the family: the searched members, and larger ones extrapolated from them."""
    from scalenet_tf import steps

    _do("scale", options.open_run(run, None, []), steps.scale, tensorflow=False, json=json)


def retrain(
    run: options.RunOption,
    stage: StageOption = None,
    jobs: options.JobsOption = None,
    json: JsonOption = False,
) -> None:
    """Train the members of the family."""
    from scalenet_tf import steps

    opened = options.open_run(run, None, [])
    opened.family()
    check_stages(opened, stage or ())
    _do("retrain", opened, partial(steps.retrain, stages=stage, jobs=jobs), stages=stage, json=json)


def export(
    run: options.RunOption,
    stage: StageOption = None,
    format: options.FormatOption = None,
    json: JsonOption = False,
) -> None:
    """Export trained members as SavedModels for TensorFlow Serving, or in other formats."""
    from scalenet_tf import steps

    opened, formats = options.open_run(run, None, []), format or [Format.saved_model]
    opened.family()
    check_stages(opened, stage or ())
    for form in formats:
        check_writer(form)
    words = tuple(word for form in format or () for word in ("--format", form))
    act = partial(steps.export, stages=stage, formats=formats)
    _do("export", opened, act, stages=stage, words=words, json=json)


def report(
    run: options.RunOption,
    max_latency_ms: Annotated[
        float | None,
        typer.Option(
            "--max-latency-ms",
            min=0,
            max=1e30,
            metavar="N",
            help="Recommend the best member that takes at most N milliseconds for one image. Default: the "
            "smallest member whose validation accuracy is within one standard error of the best.",
        ),
    ] = None,
    max_bytes: Annotated[
        float | None,
        typer.Option(
            "--max-bytes",
            min=0,
            max=1e30,
            metavar="N",
            help="Recommend the best member whose SavedModel has at most N bytes, for example 2e6.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write report.html from the results that the run has so far."""
    from scalenet_tf import steps
    from scalenet_tf.cli.run_result import run_result

    opened = options.open_run(run, None, [])
    advice = steps.report(opened, max_latency_ms=max_latency_ms, max_bytes=max_bytes)
    name = advice.row.name if advice.row else None
    if json:
        recommended = {"member": name, "reason": advice.reason}
        return write_result("report", run_result(opened) | {"recommendation": recommended})
    write_line(f"recommended: {name.upper() if name else 'none'}. {advice.reason}")
    write_line(f"report: {opened.report_file}")


def _do(
    name: str,
    run: Run,
    act: Callable[[Run], object],
    *,
    stages: list[int] | None = None,
    words: tuple[str, ...] = (),
    tensorflow: bool = True,
    json: bool = False,
) -> None:
    from scalenet_tf.job import named_step, next_step
    from scalenet_tf.run.tracker_packages import check_tracker_packages

    check_tracker_packages(run.config)
    # Before TensorFlow, which takes seconds to load.
    logger.info("%s: %s", run.path, named_step(name).title)
    with resumable(shlex.join([*shlex.split(run.command(name, *(stages or ()))), *words])):
        if tensorflow:
            load_tensorflow()
        act(run)
    step = next_step(name)
    if step and "--worker" not in words:
        # The export takes the same members; the report always covers all of them.
        logger.info("next: %s", run.command(step.name, *(stages or () if step.name == "export" else ())))
    if json:
        _write_run(name, run)


def _write_run(command: str, run: Run) -> None:
    from scalenet_tf.cli.run_result import run_result

    write_result(command, run_result(run))
