"""What the command line of every study does: its app, its `pack` and `unpack`, its errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import typer
from rich.console import Console

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.log import enable_logging
from studies.common.options import Folder, PackedFile
from studies.common.study import StudyKind, StudyValue

S = TypeVar("S", bound=StudyValue)


def new_app(usage: str | None, kind: StudyKind[S]) -> typer.Typer:
    """The command line of a study, with the commands `pack` and `unpack`.

    Args:
      usage: Help text, the docstring of the study's __main__.py.
      kind: The study.
    """
    app = new_table_app(usage)
    example = f"Example: python -m {kind.module}"

    @app.command(
        help="Pack a study's folder into one file: the study in the first line, then one line per item.\n\n"
        f"{example} pack {kind.work} {kind.packed}"
    )
    def pack(folder: Folder, file: PackedFile) -> None:
        print(f"{kind.pack(folder, file)} items packed into {file}")

    @app.command(
        help="Turn a packed study into a folder to continue it there.\n\n"
        f"{example} unpack {kind.packed} {kind.work}"
    )
    def unpack(file: PackedFile, folder: Folder) -> None:
        print(f"{kind.unpack(file, folder)} items unpacked into {folder}")

    return app


def new_table_app(usage: str | None) -> typer.Typer:
    """The command line of a study of tables that others made: it has no items to pack.

    Args:
      usage: Help text, the docstring of the study's __main__.py.
    """
    # \b keeps the lines of the examples as they are.
    usage = (usage or "").replace("\n\n    ", "\n\n\b\n    ")
    app = typer.Typer(help=usage, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
    app.callback()(lambda: None)  # so that a single command has its name
    return app


def run_app(app: Callable[[], object]) -> None:
    """Runs a command line with the library's log lines.

    An error that a user can fix ends it with one line and exit code 1.
    """
    enable_logging()
    try:
        app()
    except ScaleNetError as error:
        sys.exit(f"error: {error}")


def start_tensorflow() -> None:
    """Imports TensorFlow without its messages, with deterministic operations."""
    from scalenet_tf.utils import tf_setup

    tf_setup.load_tensorflow()
    tf_setup.setup(fast=False)


def printer(stderr: bool = False) -> Callable[[str], None]:
    """A function that prints lines of progress as they are.

    Args:
      stderr: Print to stderr, which leaves stdout to the tables.
    """
    return partial(Console(stderr=stderr).print, highlight=False, markup=False, soft_wrap=True)
