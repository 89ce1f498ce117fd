"""Oracles of chiefs and workers of one tiny search, and calls by hand."""

from __future__ import annotations

from pathlib import Path

import grpc

from scalenet_tf.config import SearchConfig
from scalenet_tf.search.distributed.calls import IDENTITY, SIGNATURE
from scalenet_tf.search.distributed.client import PatientClient
from scalenet_tf.search.distributed.credentials import Credentials, sign
from scalenet_tf.search.distributed.role import Role
from scalenet_tf.search.keras_tuner_compat import SERVICE
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from tests.helpers.tiny_search import CONFIG, SPACE, SUPERNET


def make(
    supernet: str = SUPERNET, config: SearchConfig = CONFIG, training: str | None = None, **arguments: float
) -> ScaleNetOracle:
    return ScaleNetOracle(SearchProblem(SPACE, config, 0), supernet, training, **arguments)


def worker(path: Path, oracle: ScaleNetOracle | None = None, **arguments: float) -> PatientClient:
    """A worker that shares the project folder at `path` with its chief."""
    return PatientClient(oracle or make(), Credentials(path / "search" / "secret"), **arguments)


def call(role: Role, method: str, body: bytes, secret: bytes | None, identity: str) -> bytes:
    """Sends bytes to the chief as anybody can who reaches its port."""
    headers = [(IDENTITY, identity)] if identity else []
    if secret is not None:
        headers.append((SIGNATURE, sign(secret, method, identity, body)))
    with grpc.insecure_channel(f"{role.host}:{role.port}") as channel:
        answer: bytes = channel.unary_unary(f"/{SERVICE}/{method}")(
            body, wait_for_ready=True, timeout=20, metadata=headers
        )
    return answer
