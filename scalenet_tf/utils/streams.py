"""The standard streams of a process that was started without some of them."""

from __future__ import annotations

import os
import sys


def open_standard_streams() -> None:
    """Opens the null device in the place of each standard stream that is closed, as by `>&-` in a shell.

    Otherwise the next file that is opened, such as a checkpoint, gets the number of the stream, and whatever
    a library prints is written into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
