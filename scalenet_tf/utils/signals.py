"""Ctrl-C and SIGTERM in the middle of work that should end at a clean point."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """SIGTERM raised like Ctrl-C, so that whatever saves on one saves on the other."""


def raise_on_sigterm() -> None:
    """Turns SIGTERM into `Terminated` in the main thread."""

    def handle(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, handle)


class StopRequest:
    """Set by the first signal; the work looks at it where it can stop."""

    received: int | None = None

    def raise_if_received(self) -> None:
        """Raises what the signal stands for: KeyboardInterrupt or `Terminated`."""
        if self.received is not None:
            raise_for(self.received)


def raise_for(number: int) -> NoReturn:
    """Raises what a signal stands for: KeyboardInterrupt or `Terminated`."""
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


@contextmanager
def deferred_stop() -> Iterator[StopRequest]:
    """Holds the first Ctrl-C or SIGTERM back for the work inside; a second one interrupts at once.

    Outside the main thread, where Python allows no handlers, it holds nothing back.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def receive(number: int, frame: FrameType | None) -> None:
        if request.received is not None:
            request.raise_if_received()
        request.received = number

    previous = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
