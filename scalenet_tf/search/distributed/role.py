"""The role of a process in a search on many machines, which sets Keras Tuner's environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from scalenet_tf.errors import InvalidInputError

ADDRESS = "127.0.0.1:8470"
CHIEF = "chief"
_TUNER, HOST, _PORT = "KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT"
CERTIFICATE, KEY = "SCALENET_SEARCH_CERTIFICATE_FILE", "SCALENET_SEARCH_KEY_FILE"


@dataclass(frozen=True)
class Role:
    """The role of a process: a chief, which keeps the search, or a worker, which scores for it.

    Attributes:
      name: "chief", or the name of the worker.
      host: Host name or IP address of the chief.
      port: TCP port of the chief, 1 to 65535.
      certificate: File of the certificate for TLS that an option names. Default: that of the environment.
      key: File of the chief's private key that an option names. Default: that of the environment.
    """

    name: str
    host: str
    port: int
    certificate: str | None = None
    key: str | None = None

    @property
    def is_chief(self) -> bool:
        """Whether the process keeps the search. Keras Tuner takes any name with "chief" in it for that."""
        return CHIEF in self.name

    @property
    def words(self) -> tuple[str, ...]:
        """The command-line options of this role."""
        role = ("--chief",) if self.is_chief else ("--worker", self.name)
        files = (("--certificate", self.certificate), ("--key", self.key))
        given = (word for option, file in files if file is not None for word in (option, file))
        return (*role, "--address", f"{self.host}:{self.port}", *given)

    def __str__(self) -> str:
        if self.is_chief:
            return f"chief at {self.host}:{self.port}"
        return f"worker {self.name} of the chief at {self.host}:{self.port}"

    def enter(self, environment: MutableMapping[str, str] | None = None) -> None:
        """Sets the variables of this role in `environment`. Default: that of this process."""
        variables = {_TUNER: self.name, HOST: self.host, _PORT: str(self.port)}
        files = {CERTIFICATE: self.certificate, KEY: self.key}
        variables |= {name: file for name, file in files.items() if file is not None}
        (os.environ if environment is None else environment).update(variables)


def read_role(
    chief: bool,
    worker: str | None,
    address: str | None,
    certificate: str | None = None,
    key: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
) -> Role | None:
    """Returns the role that the options ask for, else that of the KERASTUNER_* variables, else None.

    Args:
      chief: Whether this process is the chief.
      worker: Name of the worker, different from all other workers'. None for a process that is no worker.
      address: "host:port" of the chief. Default: KERASTUNER_ORACLE_IP and _PORT, else 127.0.0.1:8470.
      certificate: File of the certificate for TLS. Default: SCALENET_SEARCH_CERTIFICATE_FILE, if set.
      key: File of the chief's private key. Default: SCALENET_SEARCH_KEY_FILE, if set.
      environment: Environment variables. Default: those of this process.

    Raises:
      ScaleNetError: If the options exclude each other, the name or the address cannot be used, or the
        variables are set in part.

    Example:
      >>> read_role(False, "w1", "search-chief:8470").host
      'search-chief'
    """
    if chief and worker is not None:
        raise InvalidInputError(
            f"--chief and --worker exclude each other. Received: both, --worker {worker!r}"
        )
    if not chief and worker is None:
        alone = {"--address": address, "--certificate": certificate, "--key": key}
        for option, value in alone.items():
            if value is not None:
                raise InvalidInputError(
                    f"{option} needs a role: --chief where the search is kept, --worker NAME elsewhere. "
                    f"Received: {option} {value} alone"
                )
        return role_of(environment)
    if worker is not None and (not worker or CHIEF in worker or not worker.isprintable()):
        raise InvalidInputError(
            f'--worker must be a printable name without "chief" in it, such as w1. Received: {worker!r}'
        )
    variables = os.environ if environment is None else environment
    if address is None and {HOST, _PORT} & set(variables):
        _require(variables, (HOST, _PORT), "pass --address")
        address = f"{variables[HOST]}:{variables[_PORT]}"
    host, port = _parse(address or ADDRESS, "--address")
    return Role(worker or CHIEF, host, port, certificate, key)


def role_of(environment: Mapping[str, str] | None = None) -> Role | None:
    """Returns the role that the KERASTUNER_* variables give to this process, or None if none is set.

    Args:
      environment: Environment variables. Default: those of this process.

    Raises:
      ScaleNetError: If only some of them are set, or one cannot be used.
    """
    variables = os.environ if environment is None else environment
    names = (_TUNER, HOST, _PORT)
    if not set(names) & set(variables):
        return None
    _require(variables, names, "pass --chief or --worker NAME, and --address")
    host, port = _parse(f"{variables[HOST]}:{variables[_PORT]}", f"{HOST}:{_PORT}")
    return Role(variables[_TUNER], host, port)


def _require(variables: Mapping[str, str], names: tuple[str, ...], instead: str) -> None:
    """Refuses variables that another job left over, or that were forgotten."""
    if missing := [name for name in names if not variables.get(name)]:
        received = [f"{name}={variables[name]}" for name in names if name in variables]
        raise InvalidInputError(
            f"the environment sets {' '.join(received)}, but not {', '.join(missing)}: Keras Tuner's "
            "variables belong together, and another job may have left these. Unset them to search in this "
            f"process; set all of {', '.join(names)}; or {instead}."
        )


def _parse(address: str, name: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal() and len(port) < 6) or not 0 < int(port) < 2**16:
        raise InvalidInputError(f"{name} must be HOST:PORT, such as {ADDRESS}. Received: {address!r}")
    return host, int(port)
