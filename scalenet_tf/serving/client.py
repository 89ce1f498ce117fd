"""The interface that the gRPC and REST clients share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from scalenet_tf.errors import InvalidInputError, NotReadyError
from scalenet_tf.serving.signatures import ImageInput


@dataclass(frozen=True)
class ServedModel:
    """A served model: one version, or the version of a label; the newest version by default.

    Args:
      name: Name of the model, for example "s1".
      version: Number of the version.
      label: Label of the version, "stable" or "canary".

    Raises:
      ScaleNetError: If both a version and a label are given.
    """

    name: str
    version: int | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if self.version is not None and self.label is not None:
            raise InvalidInputError(
                "`version` and `label` exclude each other. "
                f"Received: version {self.version} and label {self.label!r}"
            )

    def __str__(self) -> str:
        if self.version is not None:
            return f"{self.name}, version {self.version}"
        return f"{self.name}, label {self.label}" if self.label is not None else self.name


@dataclass(frozen=True)
class ServedPredictions:
    """Predictions of a server for a batch.

    Attributes:
      probabilities: float32 [N, classes].
      labels: Labels [N, k], the most likely first.
    """

    probabilities: np.ndarray
    labels: np.ndarray


class Client(Protocol):
    """One connection to a server; not thread-safe.

    Attributes:
      protocol: "gRPC" or "REST".
    """

    protocol: str

    def version(self) -> int:
        """Returns the version that answers, if it is available."""

    def signatures(self) -> set[str]:
        """Returns the names of the model's signatures."""

    def prepare(self, signature: str, given: ImageInput, images: np.ndarray) -> Any:
        """Returns a request for uint8 images [N, H, W, C] that `send` takes."""

    def send(self, prepared: Any) -> ServedPredictions:
        """Sends a request and returns the predictions."""

    def close(self) -> None:
        """Closes the connection."""


def parse_address(argument: str, text: str) -> tuple[str, int]:
    """Splits HOST:PORT into host and port.

    Args:
      argument: Name of the argument in the error text.
      text: The address.

    Raises:
      ScaleNetError: If the text is not HOST:PORT.
    """
    host, _, port = text.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InvalidInputError(f"`{argument}` must be HOST:PORT, such as localhost:8500. Received: {text!r}")
    return host, int(port)


def available_version(states: list[tuple[int, str]], model: ServedModel, where: str) -> int:
    """Returns the newest version that is available.

    Args:
      states: Pairs of a version and its state.
      model: The model, for the error text.
      where: The server, for the error text.

    Raises:
      ScaleNetError: If no version is available.
    """
    available = [version for version, state in states if state == "AVAILABLE"]
    if not available:
        listed = ", ".join(f"version {version} {state}" for version, state in states) or "no version"
        raise NotReadyError(
            f"{where} has {model} but not ready: {listed}. Wait, or read the server's log for why it does "
            "not load."
        )
    return max(available)
