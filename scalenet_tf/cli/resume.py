"""Ctrl-C and SIGTERM: print the command that resumes, and exit with the code that shells expect."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from scalenet_tf.cli.logs import hoisted
from scalenet_tf.cli.words import check_words
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.signals import Terminated


@contextmanager
def resumable(command: str) -> Iterator[None]:
    """Prints `command`, which resumes the work inside, if that is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        write_line("\nscalenet: interrupted; what was saved is kept.", sys.stderr)
        write_line(f"continue: {command}", sys.stderr)
        raise


class Commands(TyperGroup):
    """Commands that take `--quiet` and `--verbose` anywhere, refuse empty words, and exit with 143
    on SIGTERM.

    Typer itself exits with 130 on Ctrl-C.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if ctx.parent is None:
            check_words(args)
            args = hoisted(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Terminated as stop:
            raise typer.Exit(143) from stop
