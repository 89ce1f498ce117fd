"""`scalenet profile`: what models cost on this device. Each command registers here."""

from __future__ import annotations

from typing import Annotated

import typer

from scalenet_tf.cli import options, profile_blocks
from scalenet_tf.formats import Format

app = typer.Typer(help="Measure on this device: blocks of a space, exported members.", no_args_is_help=True)
profile_blocks.register(app)


@app.command(epilog="Example: scalenet profile members --run runs/first --format saved_model --format litert")
def members(
    run: options.RunOption,
    stage: options.StageOption = None,
    format: Annotated[
        list[Format] | None,
        typer.Option("--format", help="A format; repeatable. All that are exported where none is given."),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, metavar="N", help="Of the runtime.")] = 1,
) -> None:
    """Latency, size and peak memory of each exported member, each in a fresh process; RUN/profile.json."""
    from scalenet_tf.cli.tables import console, profile_table
    from scalenet_tf.profiling.members import profile_members

    rows = profile_members(options.open_run(run, None, []), stage, format, threads)
    console().print(profile_table(rows, threads))
