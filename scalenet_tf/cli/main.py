"""Entry point of `scalenet`: the Typer app, and the exit codes of errors."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from scalenet_tf import __version__
from scalenet_tf.cli import compress, info, logs, models, pipelines, profile, run, runs, serving, steps
from scalenet_tf.cli.resume import Commands
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.lifeline import end_with_parent
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.signals import raise_on_sigterm
from scalenet_tf.utils.streams import open_standard_streams
from scalenet_tf.utils.system import check_system
from scalenet_tf.utils.system_errors import user_errors

app = typer.Typer(
    name="scalenet",
    cls=Commands,
    help="Search a base image model jointly with the way it scales up, then train and export the family.",
    epilog="Get started: scalenet run --config quickstart --run runs/first",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
run.register(app)
steps.register(app)
models.register(app)
compress.register(app)
serving.register(app)
runs.register(app)
app.add_typer(info.app, name="info", rich_help_panel="Inspect")
app.add_typer(profile.app, name="profile", rich_help_panel="Inspect")
pipelines.register(app)


def main() -> None:
    """Runs the command line. User errors exit with code 2, Ctrl-C with 130, SIGTERM with 143."""
    # This process is ours, and so are its children.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    open_standard_streams()
    end_with_parent()
    raise_on_sigterm()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Names of files may be no UTF-8, and a terminal may know few characters.
            stream.reconfigure(errors="backslashreplace")
    try:
        with user_errors():
            check_system()
            app()
    except ScaleNetError as error:
        write_line(f"scalenet: {error}", sys.stderr)
        sys.exit(2)


def _print_version(wanted: bool) -> None:
    if wanted:
        write_line(f"scalenet {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Log only warnings and errors. May also follow the command.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Log debugging details as well. May also follow the command.")
    ] = False,
) -> None:
    logs.set_up(quiet=quiet, verbose=verbose)
