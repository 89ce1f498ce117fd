"""The interpreter of the steps, by a path that a shell takes as it is."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def plain_interpreter() -> Iterator[str]:
    """This Python's path, through a link where it holds blanks.

    KFP's local runner writes sys.executable into shell commands without quotes. The link is to the whole
    environment: Python finds its packages by where it was called.
    """
    if not any(character.isspace() for character in sys.executable):
        yield sys.executable
        return
    with tempfile.TemporaryDirectory(prefix="scalenet-") as folder:
        link = Path(folder) / "environment"
        link.symlink_to(sys.prefix)
        yield str(link / Path(sys.executable).relative_to(sys.prefix))
