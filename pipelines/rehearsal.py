"""Stands where a client would: each call is checked against the client's own signature and printed."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

Print = Callable[[str], None]


class Rehearsal:
    """A client that sends nothing.

    Args:
      of: The client's class.
      say: Takes each line.
      arguments: Of the client.

    Raises:
      TypeError: from it and its methods, for arguments that the class does not take.

    Example:
      >>> Rehearsal(kfp.Client, print, namespace="ml").list_runs()
    """

    def __init__(self, of: type, say: Print, **arguments: Any) -> None:
        inspect.signature(of).bind(**arguments)
        self._of = of
        self._say = say
        say(_call(f"{of.__module__.partition('.')[0]}.{of.__name__}", arguments))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._of, name)
        if not callable(method):
            return getattr(_Answer(), name)

        def call(**arguments: Any) -> _Answer:
            inspect.signature(method).bind(None, **arguments)
            self._say(_call(f".{name}", arguments))
            return _Answer()

        return call


class _Answer:
    """What a server would have answered."""

    def __getattr__(self, name: str) -> str:
        return f"<{name} of the server's answer>"


def _call(name: str, arguments: dict[str, Any]) -> str:
    lines = [f"    {key}={json.dumps(value, indent=4)}," for key, value in arguments.items()]
    return "\n".join([f"{name}(", *(line.replace("\n", "\n    ") for line in lines), ")"])
