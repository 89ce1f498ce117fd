"""A stand-in for a client, which checks each call against the client's signature and prints it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any

Print = Callable[[str], None]


class Rehearsal:
    """A client that sends nothing.

    Args:
      of: Class of the client.
      say: Function that prints a text.
      arguments: Arguments of the client's constructor.

    Raises:
      TypeError: If the class, or one of its methods, does not take the arguments.

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
    """Stand-in for a server's answer; any attribute is a placeholder text."""

    def __getattr__(self, name: str) -> str:
        return f"<{name} of the server's answer>"


def _call(name: str, arguments: dict[str, Any]) -> str:
    lines = [f"    {key}={json.dumps(value, indent=4)}," for key, value in arguments.items()]
    return "\n".join([f"{name}(", *(line.replace("\n", "\n    ") for line in lines), ")"])
