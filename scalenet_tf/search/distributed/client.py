"""A worker's connection to the oracle: it outlives restarts of the chief, and never joins another search."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import keras_tuner
from keras_tuner.errors import FatalError

from scalenet_tf.errors import ConnectionLostError, InvalidInputError
from scalenet_tf.search.distributed.calls import IDENTITY, SIGNATURE, TRIAL
from scalenet_tf.search.distributed.credentials import SECRET, Credentials, sign
from scalenet_tf.search.identity import SearchIdentity
from scalenet_tf.search.keras_tuner_compat import SERVICE, OracleClient, Trial, protos
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.workers import HEARTBEATS_PER_LEASE

logger = logging.getLogger(__name__)

_AWAY_SECONDS = 1.0  # Between heartbeats to a chief that is away, so that a new one hears soon.
_OPTIONS = [("grpc.max_reconnect_backoff_ms", 1000)]


class OtherSearchError(InvalidInputError, FatalError):
    """The worker belongs to another search than its chief. The trial does not fail."""


class RefusedCallError(InvalidInputError, FatalError):
    """The chief refuses a call, such as for its signature. The trial does not fail."""


class ChiefLostError(ConnectionLostError, FatalError):
    """The chief does not answer. The trial does not fail."""


def pack(identity: SearchIdentity) -> str:
    """Returns an identity as the header of a call."""
    return json.dumps(identity.model_dump(mode="json"), sort_keys=True)


class PatientClient(OracleClient):
    """A client of the chief whose calls wait while the chief is away, and are sent again.

    All calls of ScaleNetOracle may be repeated. They carry the identity of the worker's search, a signature,
    and scores as doubles. A worker never asks for what it knows itself, so a trial costs three short calls.

    Args:
      oracle: Oracle of the worker itself, for the identity and the lease.
      credentials: The secret of the search, and the certificate that the worker trusts, if any.
      patience_seconds: Seconds that a chief may be away.
    """

    def __init__(
        self, oracle: ScaleNetOracle, credentials: Credentials, patience_seconds: float = 900.0
    ) -> None:
        super().__init__(oracle)
        self._address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
        self._patience = patience_seconds
        self._heartbeat_seconds = oracle.lease_seconds / HEARTBEATS_PER_LEASE
        self._identity = pack(oracle.identity)
        self._credentials = credentials
        self._channel = credentials.channel(self._address, _OPTIONS)

    def create_trial(self, tuner_id: str) -> Trial:
        """Asks the chief for a trial."""
        body = self._call("CreateTrial", protos.get_service().CreateTrialRequest(tuner_id=tuner_id))
        return Trial.from_proto(protos.get_service().CreateTrialResponse.FromString(body).trial)

    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> None:
        """Sends the score of a trial to the chief."""
        request = protos.get_service().UpdateTrialRequest(trial_id=trial_id, metrics=metrics, step=step)
        self._call("UpdateTrial", request)

    def end_trial(self, trial: Trial) -> None:
        """Tells the chief how a trial ended."""
        if trial.message:  # Keras Tuner's protocol has no field for it.
            logger.warning("trial %s failed:\n%s", trial.trial_id, trial.message)
        # The chief has the values, and only needs to know how the trial ended.
        ended = Trial(keras_tuner.HyperParameters(), trial.trial_id, trial.status)
        self._call("EndTrial", protos.get_service().EndTrialRequest(trial=ended.to_proto()))

    def get_trial(self, trial_id: str) -> Trial:
        """Returns the trial as the worker knows it, without metrics."""
        return Trial(keras_tuner.HyperParameters(), trial_id)

    @contextmanager
    def heartbeats(self, trial_id: str) -> Iterator[None]:
        """Sends heartbeats to the chief, so that it can tell a long trial from a dead worker.

        Args:
          trial_id: The trial, which a chief that was restarted gives to no other worker then.
        """
        over = threading.Event()
        thread = threading.Thread(target=self._send_heartbeats, args=(trial_id, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _send_heartbeats(self, trial_id: str, over: threading.Event) -> None:
        request = protos.get_service().CreateTrialRequest(tuner_id=self.tuner_id)
        seconds = self._heartbeat_seconds
        while not over.wait(seconds):
            secret = self._credentials.of_worker()
            if secret is None:
                continue
            try:
                self._send("CreateTrial", request, secret, self._heartbeat_seconds, False, trial_id)
                seconds = self._heartbeat_seconds
            except grpc.RpcError:  # The end of the trial is sent patiently.
                seconds = min(_AWAY_SECONDS, self._heartbeat_seconds)

    def _send(
        self, method: str, request: Any, secret: bytes, seconds: float, wait: bool, trial_id: str = ""
    ) -> bytes:
        body = request.SerializeToString()
        signature = sign(secret, method, self._identity, body, trial_id)
        headers = [(IDENTITY, self._identity), (SIGNATURE, signature)]
        if trial_id:
            headers.append((TRIAL, trial_id))
        call = self._channel.unary_unary(f"/{SERVICE}/{method}")
        answer: bytes = call(body, wait_for_ready=wait, timeout=seconds, metadata=headers)
        return answer

    def _call(self, method: str, request: Any) -> bytes:
        end = time.monotonic() + self._patience
        secret = self._secret(end)
        while True:
            try:
                return self._send(method, request, secret, max(end - time.monotonic(), 0.1), wait=True)
            except grpc.RpcError as error:
                code, text = error.code(), error.details()
                if code == grpc.StatusCode.FAILED_PRECONDITION:
                    raise OtherSearchError(f"{text} This worker does not join it.") from error
                if code == grpc.StatusCode.UNAUTHENTICATED and secret != self._credentials.of_worker():
                    secret = self._secret(end)  # The chief has made another one since.
                    continue
                if code == grpc.StatusCode.UNAVAILABLE and time.monotonic() < end:
                    time.sleep(0.2)  # The chief died with the call.
                    continue
                if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise ChiefLostError(
                        f"the search's chief at {self._address} has not answered for {self._patience:g} s. "
                        "Start it (again) with: scalenet search --chief, then this worker; or fix --address, "
                        "or --certificate: with or without TLS, both need the same."
                    ) from error
                raise RefusedCallError(
                    f"the search's chief at {self._address} refused a call ({code.name}): {text}"
                ) from error

    def _secret(self, end: float) -> bytes:
        """Returns the secret, once the chief has made it."""
        told = False
        while (secret := self._credentials.of_worker()) is None:
            if time.monotonic() > end:
                raise ChiefLostError(
                    f"this worker waited {self._patience:g} s for the secret of the search, and "
                    f"{str(self._credentials.secret_file)!r} is not there. Start the chief with: scalenet "
                    "search --chief. If this worker has a copy of the run, copy that file too, or set "
                    f"{SECRET} for both."
                )
            if not told:
                logger.info(
                    "search: waiting for the chief, which makes %s unless it has %s",
                    self._credentials.secret_file,
                    SECRET,
                )
                told = True
            time.sleep(0.2)
        return secret
