"""A path of the Python interpreter that needs no quotes in a shell."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def plain_interpreter() -> Iterator[str]:
    """Yields the path of this Python, through a temporary link if the path contains blanks.

    KFP's local runner writes sys.executable into shell commands without quotes. The link is to the whole
    environment, because Python finds its packages relative to the path that it was called by.
    """
    if not any(character.isspace() for character in sys.executable):
        yield sys.executable
        return
    with tempfile.TemporaryDirectory(prefix="scalenet-") as folder:
        link = Path(folder) / "environment"
        link.symlink_to(sys.prefix)
        yield str(link / Path(sys.executable).relative_to(sys.prefix))
