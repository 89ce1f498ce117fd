"""The chief of a search on many machines: serves an oracle until the search is over."""

from __future__ import annotations

import logging
import os
import time
from concurrent import futures

import grpc

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.calls import TrialCalls
from scalenet_tf.search.distributed.credentials import Credentials
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.workers import HEARTBEATS_PER_LEASE

logger = logging.getLogger(__name__)

LINGER_SECONDS = 10.0  # Time for workers to hear that the search is over.

_RECONNECT_SECONDS = 2.0
_HEARTBEATS = 2.5  # Intervals in which a worker that still computes a trial is heard for sure.
_ALONE_SECONDS = 60.0  # Without any worker, after which the chief says that it waits.
_MOST_BYTES = 2**16  # Of a request; the largest of a worker has a few hundred.


def serve(oracle: ScaleNetOracle, credentials: Credentials, linger_seconds: float = LINGER_SECONDS) -> None:
    """Serves at KERASTUNER_ORACLE_IP and _PORT until the search is over and its workers know.

    Keras Tuner's own chief checks only every 20 seconds whether they have left, and waits for killed ones.

    Args:
      oracle: Oracle of a search that has begun.
      credentials: The secret of the search, and the certificate for TLS, if any.
      linger_seconds: Seconds of silence after the end of the search by which a worker counts as gone, or two
        and a half intervals of its heartbeats if that is longer.

    Raises:
      ScaleNetError: If the process cannot listen on the address, or the certificate cannot be used.
    """
    address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
    tls = credentials.server()
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=1),
        handlers=[TrialCalls(oracle, credentials.of_chief()).handler()],
        options=[
            ("grpc.so_reuseport", 0),  # A second chief must fail instead of sharing the workers.
            ("grpc.max_receive_message_length", _MOST_BYTES),
        ],
    )
    try:
        bound = server.add_secure_port(address, tls) if tls else server.add_insecure_port(address)
    except RuntimeError:
        bound = 0
    if not bound:
        raise ScaleNetError(
            f"the chief cannot listen on {address}: another process does, or this machine has no such "
            "address. Give a free --address, and the same port to the workers; 0.0.0.0:PORT listens on all "
            "interfaces."
        )
    server.start()
    logger.info("search: the chief listens on %s, %s TLS", address, "with" if tls else "without")
    try:
        _wait(oracle, linger_seconds)
        credentials.forget()
    finally:
        server.stop(grace=1).wait()


def _wait(oracle: ScaleNetOracle, linger_seconds: float) -> None:
    over_since: float | None = None
    lonely_from: float | None = time.monotonic() + _ALONE_SECONDS
    while True:
        time.sleep(0.1)
        now = time.monotonic()
        if lonely_from is not None and now > lonely_from and not oracle.over:
            lonely_from = None
            if not oracle.workers.were_heard:
                logger.warning(
                    "search: no worker has called yet. Start one with: scalenet search --run RUN --worker "
                    "NAME --address HOST:PORT; or, to search in this process, unset KERASTUNER_ORACLE_IP, "
                    "KERASTUNER_ORACLE_PORT and KERASTUNER_TUNER_ID, and leave --chief out"
                )
        if not oracle.over:
            over_since = None  # A worker could score after all.
            continue
        if over_since is None:
            over_since = now
        # A chief that was restarted at the very end waits for its workers. They call again within a second
        # (ScaleNetTuner.pre_create_trial), but may have to reconnect first.
        linger = min(_RECONNECT_SECONDS, linger_seconds) if oracle.workers.were_heard else linger_seconds
        # One that computes gives no other sign of life than its heartbeats.
        silence = max(linger_seconds, _HEARTBEATS * oracle.lease_seconds / HEARTBEATS_PER_LEASE)
        if now - over_since >= linger and not oracle.heard_within(silence):
            return
