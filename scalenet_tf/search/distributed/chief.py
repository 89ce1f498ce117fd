"""The chief of a search on many machines: serves an oracle until the search is over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from pydantic import ValidationError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.client import IDENTITY
from scalenet_tf.search.identity import SearchIdentity, difference
from scalenet_tf.search.keras_tuner_compat import OracleServicer, protos
from scalenet_tf.search.oracle import ScaleNetOracle

LINGER_SECONDS = 10.0  # Time for workers to hear that the search is over.

_RECONNECT_SECONDS = 2.0


def serve(oracle: ScaleNetOracle, linger_seconds: float = LINGER_SECONDS) -> None:
    """Serves at KERASTUNER_ORACLE_IP and _PORT until the search is over and its workers know.

    Keras Tuner's own chief checks only every 20 seconds whether they have left, and waits for killed ones.

    Args:
      oracle: Oracle of a search that has begun.
      linger_seconds: Seconds of silence after the end of the search by which a worker counts as gone.

    Raises:
      ScaleNetError: If the process cannot listen on the address.
    """
    address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=1),
        interceptors=[_SameSearch(oracle.identity)],
        options=[("grpc.so_reuseport", 0)],  # A second chief must fail instead of sharing the workers.
    )
    protos.get_service_grpc().add_OracleServicer_to_server(OracleServicer(oracle), server)
    try:
        bound = server.add_insecure_port(address)
    except RuntimeError:
        bound = 0
    if not bound:
        raise ScaleNetError(
            f"the chief cannot listen on {address}: another process does, or this machine has no such "
            "address. Give a free --address, and the same port to the workers; 0.0.0.0:PORT listens on all "
            "interfaces."
        )
    server.start()
    try:
        _wait(oracle, linger_seconds)
    finally:
        server.stop(grace=1).wait()


def _wait(oracle: ScaleNetOracle, linger_seconds: float) -> None:
    over_since: float | None = None
    while True:
        time.sleep(0.1)
        if not oracle.over:
            continue
        now = time.monotonic()
        if over_since is None:
            over_since = now
        # A chief that was restarted at the very end waits for its workers. They call again within a second
        # (ScaleNetTuner.pre_create_trial), but may have to reconnect first.
        linger = min(_RECONNECT_SECONDS, linger_seconds) if oracle.was_called else linger_seconds
        if now - over_since >= linger and not oracle.heard_within(linger_seconds):
            return


class _SameSearch(grpc.ServerInterceptor):
    """Refuses the calls of workers of another search, such as with other weights or another space."""

    def __init__(self, identity: SearchIdentity) -> None:
        self._identity = identity

    def intercept_service(self, continuation: Callable[..., Any], call: grpc.HandlerCallDetails) -> Any:
        text = self._refusal(dict(call.invocation_metadata).get(IDENTITY, ""))
        if text is None:
            return continuation(call)

        def refuse(request: Any, context: grpc.ServicerContext) -> None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, text)

        return grpc.unary_unary_rpc_method_handler(refuse)

    def _refusal(self, received: str) -> str | None:
        """Returns what to tell a worker that sends this identity, or None if it may join."""
        try:
            different = difference(self._identity, SearchIdentity.model_validate_json(received))
        except ValidationError:
            return (
                "the chief cannot read which search this worker belongs to. Start both with the same version "
                "of scalenet-tf."
            )
        if different is None:
            return None
        name, own, theirs = different
        return (
            f"the chief searches with another {name}: {own!r}. Received: {theirs!r}. Give this worker the "
            "chief's run, or a whole copy of it."
        )
