"""What both ways of asking a server have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.serving.signatures import ImageInput


@dataclass(frozen=True)
class ServedModel:
    """A model as a client names it: by version, by label, or the newest where neither is given."""

    name: str
    version: int | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if self.version is not None and self.label is not None:
            raise ScaleNetError(
                "`version` and `label` exclude each other. "
                f"Received: version {self.version} and label {self.label!r}"
            )

    def __str__(self) -> str:
        if self.version is not None:
            return f"{self.name}, version {self.version}"
        return f"{self.name}, label {self.label}" if self.label is not None else self.name


@dataclass(frozen=True)
class Answer:
    """What a server says of a batch: probabilities [N, classes], labels [N, k] the likeliest first."""

    probabilities: np.ndarray
    labels: np.ndarray


class Client(Protocol):
    """One connection to a server; not for several threads at a time."""

    protocol: str

    def version(self) -> int:
        """The version that answers, once it is available."""

    def signatures(self) -> set[str]:
        """Names of the signatures that it has."""

    def prepare(self, signature: str, given: ImageInput, images: np.ndarray) -> Any:
        """A request for uint8 images [N, H, W, C], ready to be sent."""

    def send(self, prepared: Any) -> Answer:
        """Sends a request and waits for its answer."""

    def close(self) -> None:
        """Ends the connection."""


def parse_address(argument: str, text: str) -> tuple[str, int]:
    """Splits HOST:PORT.

    Raises:
      ScaleNetError: for anything else.
    """
    host, _, port = text.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ScaleNetError(f"`{argument}` must be HOST:PORT, such as localhost:8500. Received: {text!r}")
    return host, int(port)


def available_version(states: list[tuple[int, str]], model: ServedModel, where: str) -> int:
    """The newest of (version, state) that is available; a server lists them newest first.

    Raises:
      ScaleNetError: where none is.
    """
    available = [version for version, state in states if state == "AVAILABLE"]
    if not available:
        listed = ", ".join(f"version {version} {state}" for version, state in states) or "no version"
        raise ScaleNetError(
            f"{where} has {model} but not ready: {listed}. Wait, or read the server's log for why it does "
            "not load."
        )
    return max(available)
