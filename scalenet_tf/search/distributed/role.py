"""The role of a process in a search on many machines, which sets Keras Tuner's environment variables."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass

from scalenet_tf.errors import InvalidInputError

ADDRESS = "127.0.0.1:8470"
CHIEF = "chief"
_TUNER, _HOST, _PORT = "KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"


@dataclass(frozen=True)
class Role:
    """The role of a process: a chief, which keeps the search, or a worker, which scores for it.

    Attributes:
      name: "chief", or the name of the worker.
      host: Host name or IP address of the chief.
      port: TCP port of the chief, 1 to 65535.
    """

    name: str
    host: str
    port: int

    @property
    def words(self) -> tuple[str, ...]:
        """The command-line options of this role."""
        role = ("--chief",) if self.name == CHIEF else ("--worker", self.name)
        return (*role, "--address", f"{self.host}:{self.port}")

    def enter(self, environment: MutableMapping[str, str] | None = None) -> None:
        """Sets Keras Tuner's variables in `environment`. Default: that of this process."""
        variables = {_TUNER: self.name, _HOST: self.host, _PORT: str(self.port)}
        (os.environ if environment is None else environment).update(variables)


def read_role(
    chief: bool,
    worker: str | None,
    address: str | None,
    environment: MutableMapping[str, str] | None = None,
) -> Role | None:
    """Returns the role that the options ask for, or None: the KERASTUNER_* variables decide then, if set.

    Args:
      chief: Whether this process is the chief.
      worker: Name of the worker, different from all other workers'. None for a process that is no worker.
      address: "host:port" of the chief. Default: KERASTUNER_ORACLE_IP and _PORT, else 127.0.0.1:8470.
      environment: Environment variables. Default: those of this process.

    Raises:
      ScaleNetError: If the options exclude each other, or the name or the address cannot be used.

    Example:
      >>> read_role(False, "w1", "search-chief:8470").host
      'search-chief'
    """
    if chief and worker is not None:
        raise InvalidInputError(
            f"--chief and --worker exclude each other. Received: both, --worker {worker!r}"
        )
    if not chief and worker is None:
        if address is not None:
            raise InvalidInputError(
                f"--address needs a role: --chief where the search is kept, --worker NAME elsewhere. "
                f"Received: --address {address} alone"
            )
        return None
    if worker is not None and (not worker or CHIEF in worker):
        # Keras Tuner takes any process with "chief" in its name for the chief.
        raise InvalidInputError(
            f'--worker must be a name without "chief" in it, such as w1. Received: {worker!r}'
        )
    variables = os.environ if environment is None else environment
    if address is None and _HOST in variables and _PORT in variables:
        address = f"{variables[_HOST]}:{variables[_PORT]}"
    host, _, port = (address or ADDRESS).rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise InvalidInputError(f"--address must be HOST:PORT, such as {ADDRESS}. Received: {address!r}")
    return Role(worker or CHIEF, host, int(port))
