"""The credentials of a distributed search: a secret that signs every call, and a certificate for TLS."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import SEARCH_SECRET
from scalenet_tf.search.distributed.role import CERTIFICATE, KEY
from scalenet_tf.utils import files

SECRET = "SCALENET_SEARCH_SECRET"
_FEWEST_CHARACTERS = 16


@dataclass(frozen=True)
class Credentials:
    """The credentials of a process in a distributed search.

    Attributes:
      secret_file: File of the secret, which the chief makes. Not used with `secret`.
      secret: The user's own secret, or None.
      certificate: PEM file of the chief's certificate; for a worker, of the certificates that it trusts. None
        for a connection without TLS.
      key: PEM file of the chief's private key.
    """

    secret_file: Path
    secret: str | None = None
    certificate: Path | None = None
    key: Path | None = None

    def of_chief(self) -> bytes:
        """Returns the secret; makes its file, which only this user can read, if there is none."""
        found = self.of_worker()
        if found is None:
            text = secrets.token_hex(32)
            files.write_file(self.secret_file, lambda temporary: _write_private(temporary, text))
            return text.encode()
        return found

    def of_worker(self) -> bytes | None:
        """Returns the secret, or None as long as the chief has not made its file.

        Raises:
          ScaleNetError: If the file cannot be read.
        """
        if self.secret is not None:
            return self.secret.encode()
        try:
            text = self.secret_file.read_bytes().strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InvalidInputError(
                f"the secret of the search, {str(self.secret_file)!r}, cannot be read ({error.strerror}). "
                f"Start chief and workers as the same user, or set {SECRET} for all of them."
            ) from error
        return text if len(text) >= _FEWEST_CHARACTERS else None

    def forget(self) -> None:
        """Removes the file of the secret: the search is over."""
        self.secret_file.unlink(missing_ok=True)

    def server(self) -> grpc.ServerCredentials | None:
        """Returns the chief's side of TLS, or None without a certificate."""
        if self.certificate is None or self.key is None:
            return None
        certificate, key = _read(CERTIFICATE, self.certificate), _read(KEY, self.key)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.certificate, self.key, password=lambda: ""
            )
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                f"{str(self.certificate)!r} and {str(self.key)!r} must be a certificate and its private key, "
                f"without a password, as PEM files. Received: {error}"
            ) from error
        return grpc.ssl_server_credentials([(key, certificate)])

    def channel(self, address: str, options: list[tuple[str, int]]) -> grpc.Channel:
        """Returns a worker's connection to the chief at `address`."""
        if self.certificate is None:
            return grpc.insecure_channel(address, options)
        trusted = _read(CERTIFICATE, self.certificate)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(self.certificate)
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                f"{str(self.certificate)!r} must hold the chief's certificate, or the one that signed it, "
                f"as a PEM file. Received: {error}"
            ) from error
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(trusted), options)


def read_credentials(project: Path, chief: bool, environment: Mapping[str, str] | None = None) -> Credentials:
    """Reads the credentials of a process from its environment variables.

    Args:
      project: Folder of the search, which holds the file of the secret.
      chief: Whether the process is the chief, whose certificate needs a key.
      environment: Environment variables. Default: those of this process.

    Raises:
      ScaleNetError: If a variable cannot be used.
    """
    variables = os.environ if environment is None else environment
    secret = variables.get(SECRET, "").strip()
    if SECRET in variables and len(secret) < _FEWEST_CHARACTERS:
        raise InvalidInputError(
            f"{SECRET} must have at least {_FEWEST_CHARACTERS} characters, such as those of: openssl rand "
            f"-hex 32. Received: {len(secret)} characters. Unset it to use the file {SEARCH_SECRET!r} in the "
            "run's folder search."
        )
    certificate, key = variables.get(CERTIFICATE) or None, variables.get(KEY) or None
    if chief and (certificate is None) != (key is None):
        raise InvalidInputError(
            f"the chief needs both a certificate and its key for TLS: --certificate and --key, or "
            f"{CERTIFICATE} and {KEY}. Received: {'a key' if certificate is None else 'a certificate'} alone"
        )
    if not chief and certificate is None and key is not None:
        raise InvalidInputError(
            f"a worker needs the certificate that it trusts for TLS: --certificate or {CERTIFICATE}. "
            "Received: a key alone"
        )
    return Credentials(
        project / SEARCH_SECRET,
        secret or None,
        *(Path(text) if text else None for text in (certificate, key)),
    )


def sign(secret: bytes, method: str, identity: str, body: bytes, trial_id: str = "") -> str:
    """Returns the signature of a call, which only those who know the secret can make.

    The secret itself is never sent. A call that is recorded and sent again changes no result, since every
    call may be repeated.

    Args:
      secret: Secret of the search.
      method: Name of the method.
      identity: Header with the identity of the search.
      body: The serialised request.
      trial_id: Header with the trial that the worker has. Default: the call has none.
    """
    parts = (method.encode(), identity.encode(), body, *([trial_id.encode()] if trial_id else []))
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def is_signed(
    signature: str, secret: bytes, method: str, identity: str, body: bytes, trial_id: str = ""
) -> bool:
    """Returns whether a signature is that of the call, in a time that tells nothing about it."""
    return hmac.compare_digest(sign(secret, method, identity, body, trial_id).encode(), signature.encode())


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")


def _read(variable: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInputError(
            f"the file of {variable} cannot be read: {str(file)!r} ({error.strerror})"
        ) from error
