"""Ctrl-C and SIGTERM during work that should stop at a safe point."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Terminated(KeyboardInterrupt):
    """Raised for SIGTERM; like KeyboardInterrupt, so that both are handled alike."""


def raise_on_sigterm() -> None:
    """Makes SIGTERM raise `Terminated` in the main thread."""

    def handle(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, handle)


class StopRequest:
    """Records the first signal; the work checks it where it can stop.

    Attributes:
      received: Number of the signal, or None.
    """

    received: int | None = None

    def raise_if_received(self) -> None:
        """Raises KeyboardInterrupt or `Terminated` if a signal was received."""
        if self.received is not None:
            raise_for(self.received)


def signal_name(number: int) -> str:
    """Returns the name of a signal, such as "SIGTERM"; "signal 64" for one that Python does not name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def raise_for(number: int) -> NoReturn:
    """Raises `Terminated` for SIGTERM, KeyboardInterrupt for any other signal."""
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


@contextmanager
def deferred_stop() -> Iterator[StopRequest]:
    """Defers the first Ctrl-C or SIGTERM until the work inside checks for it; a second one raises at once.

    Outside the main thread, where Python allows no signal handlers, nothing is deferred.
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
