"""Ctrl-C and SIGTERM: say how to go on, and exit as a shell expects."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from scalenet_tf.stopping import Terminated


def raise_on_sigterm() -> None:
    """Turns SIGTERM into `Terminated` in the main thread."""

    def handle(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, handle)


@contextmanager
def resumable(command: str, run: Path) -> Iterator[None]:
    """Wraps a step: an interruption prints the command that goes on, and exits with 130 or 143."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        typer.echo("\nscalenet: interrupted; what was saved is kept.", err=True)
        typer.echo(f"go on: scalenet {command} --run {quoted(run)}", err=True)
        raise typer.Exit(143 if isinstance(interrupt, Terminated) else 130) from interrupt


def quoted(path: Path) -> str:
    """A path as it is typed into a shell."""
    return shlex.quote(str(path))
