"""`scalenet profile`: latency and memory, measured on this device."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.scaling_stage import StageOption, check_stages
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.exports import Format, check_runtime
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.space import SearchSpace
    from scalenet_tf.space.latency_table import LatencyTable

logger = logging.getLogger(__name__)

app = typer.Typer(
    help="Measure the blocks of a space, or exported members, on this device.", no_args_is_help=True
)


@app.command(epilog="Example: scalenet profile members --run runs/first --format saved_model --format litert")
def members(
    run: options.RunOption,
    stage: StageOption = None,
    format: Annotated[
        list[Format] | None,
        typer.Option("--format", help="Export format. Repeatable. Default: every exported format."),
    ] = None,
    threads: Annotated[
        int, typer.Option("--threads", min=1, max=1024, metavar="N", help="Threads of the runtime.")
    ] = 1,
    json: JsonOption = False,
) -> None:
    """Measure latency, size and peak memory of exported members, each in a fresh process.

    The results are written to RUN/profile.json.
    """
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.tables import profile_table
    from scalenet_tf.profiling.members import profile_members

    opened = options.open_run(run, None, [])
    check_stages(opened, stage or ())
    for form in format or ():
        check_runtime(form)
    rows = profile_members(opened, stage, format, threads)
    if json:
        write_result("profile members", rows)
    else:
        console().print(profile_table(rows, threads))


@app.command(
    epilog="Example: scalenet profile blocks --space small --channels 1 --classes 10 --out latency.json"
)
def blocks(
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="Run whose space to measure, into DIR/latency.json."),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option(
            "--space",
            metavar="NAME|YAML",
            help="Space to measure: a shipped one, such as small, or a YAML file.",
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option("--channels", min=1, max=1024, help="Number of image channels, with --space."),
    ] = None,
    classes: Annotated[
        int | None, typer.Option("--classes", min=2, max=10**6, help="Number of classes, with --space.")
    ] = None,
    stage: StageOption = None,
    threads: Annotated[
        int,
        typer.Option("--threads", min=0, max=1024, help="Threads of an operation; 0 for one per core."),
    ] = 1,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            min=0,
            max=10**6,
            help="Stop after this many minutes. The same command continues.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Table to write. Default: latency.json.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure the latency of a space's blocks, and check sums of blocks against whole networks."""
    measured = _space(run, space, channels, classes)
    unknown = sorted({number for number in stage or [] if number >= len(measured.menus)})
    if unknown:
        raise InvalidInputError(
            f"`--stage` must be S0 to S{len(measured.menus) - 1} in space {measured.name!r}. "
            f"Received: {', '.join(f'S{number}' for number in unknown)}"
        )
    path = out or (run / "latency.json" if run else Path("latency.json"))
    logger.info("latency of the blocks of space %s, into %s", measured.name, path)
    load_tensorflow()
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.profiling.blocks import profile_blocks
    from scalenet_tf.profiling.progress import MeasuringProgress
    from scalenet_tf.utils.progress import bar_console
    from scalenet_tf.utils.tf_setup import limit_threads

    limit_threads(threads)
    screen = console()
    table = profile_blocks(
        measured, path, stage, minutes, MeasuringProgress(bar_console() if json else screen)
    )
    if json:
        write_result("profile blocks", {"file": path, "finished": table.check is not None, **_figures(table)})
    else:
        screen.print(_summary(table, path), soft_wrap=True)


def _space(run: Path | None, space: str | None, channels: int | None, classes: int | None) -> SearchSpace:
    from scalenet_tf.presets import load_space

    if (run is None) == (space is None) or (run and (channels or classes)):
        raise InvalidInputError(
            "give --run DIR, whose data is known, or --space NAME, with --channels and --classes where the "
            "data's are not the space's own"
        )
    if run is not None:
        return options.open_run(run, None, []).space()
    found = load_space(str(space))
    return found.for_data(channels or found.channels, classes or found.classes)


def _figures(table: LatencyTable) -> dict[str, object]:
    return {
        "blocks": len(table.blocks),
        "device": table.device,
        "calibration": table.calibration,
        "check": table.check,
    }


def _summary(table: LatencyTable, path: Path) -> str:
    device = table.device
    where = (
        f"{device.cpu}, {device.threads or 'all'} thread(s), TensorFlow {device.tensorflow}, oneDNN "
        f"{'on' if device.onednn else 'off'}"
    )
    if table.check is None or table.calibration is None:
        return (
            f"latency: {len(table.blocks):,} blocks so far on {where}: {path}\n"
            "The table is not finished. Run the same command again to continue."
        )
    check, calibration = table.check, table.calibration
    return (
        f"latency: {len(table.blocks):,} blocks on {where}: {path}\n"
        f"a network: {calibration.offset_ms:.3g} ms + {calibration.factor:.3f} x the sum of its blocks, "
        f"fitted on {calibration.networks} networks\n"
        f"on {check.networks} other networks: relative error {check.median_error:.1%} in the median, "
        f"{check.largest_error:.1%} at most; Kendall's tau {check.kendall_tau:.2f}\n"
        f"use it: scalenet train … --set ladder.latency_table={path}"
    )
