"""A worker's connection to the oracle: it outlives restarts of the chief, and never joins another search."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import keras_tuner
from keras_tuner.errors import FatalError

from scalenet_tf.errors import ConnectionLostError, InvalidInputError
from scalenet_tf.search.identity import SearchIdentity
from scalenet_tf.search.keras_tuner_compat import OracleClient, Trial, protos
from scalenet_tf.search.oracle import ScaleNetOracle

logger = logging.getLogger(__name__)

IDENTITY = "scalenet-search"  # Header of each call with the identity of its search.
_HEARTBEATS_PER_LEASE = 6
_OPTIONS = [("grpc.max_reconnect_backoff_ms", 1000)]


class OtherSearchError(InvalidInputError, FatalError):
    """The worker belongs to another search than its chief. The trial does not fail."""


class ChiefLostError(ConnectionLostError, FatalError):
    """The chief does not answer. The trial does not fail."""


def pack(identity: SearchIdentity) -> str:
    """Returns an identity as the header of a call."""
    return json.dumps(identity.model_dump(mode="json"), sort_keys=True)


class PatientClient(OracleClient):
    """A client of the chief whose calls wait while the chief is away, and are sent again.

    All calls of ScaleNetOracle may be repeated. They carry the identity of the worker's search, and scores as
    doubles. A worker never asks for what it knows itself, so a trial costs three short calls.

    Args:
      oracle: Oracle of the worker itself, for the identity and the lease.
      patience_seconds: Seconds that a chief may be away.
    """

    def __init__(self, oracle: ScaleNetOracle, patience_seconds: float = 900.0) -> None:
        super().__init__(oracle)
        self._address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
        self._patience = patience_seconds
        self._heartbeat_seconds = oracle.lease_seconds / _HEARTBEATS_PER_LEASE
        self._identity = ((IDENTITY, pack(oracle.identity)),)
        self.stub = protos.get_service_grpc().OracleStub(
            grpc.insecure_channel(self._address, options=_OPTIONS)
        )

    def create_trial(self, tuner_id: str) -> Trial:
        """Asks the chief for a trial."""
        request = protos.get_service().CreateTrialRequest(tuner_id=tuner_id)
        return Trial.from_proto(self._call(self.stub.CreateTrial, request).trial)

    def update_trial(self, trial_id: str, metrics: dict[str, float], step: int = 0) -> None:
        """Sends the score of a trial to the chief."""
        request = protos.get_service().UpdateTrialRequest(trial_id=trial_id, metrics=metrics, step=step)
        self._call(self.stub.UpdateTrial, request)

    def end_trial(self, trial: Trial) -> None:
        """Tells the chief how a trial ended."""
        if trial.message:  # Keras Tuner's protocol has no field for it.
            logger.warning("trial %s failed:\n%s", trial.trial_id, trial.message)
        # The chief has the values, and only needs to know how the trial ended.
        ended = Trial(keras_tuner.HyperParameters(), trial.trial_id, trial.status)
        self._call(self.stub.EndTrial, protos.get_service().EndTrialRequest(trial=ended.to_proto()))

    def get_trial(self, trial_id: str) -> Trial:
        """Returns the trial as the worker knows it, without metrics."""
        return Trial(keras_tuner.HyperParameters(), trial_id)

    @contextmanager
    def heartbeats(self) -> Iterator[None]:
        """Sends heartbeats to the chief, so that it can tell a long trial from a dead worker."""
        over = threading.Event()
        thread = threading.Thread(target=self._send_heartbeats, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _send_heartbeats(self, over: threading.Event) -> None:
        # A worker that has a trial is given the same one again.
        request = protos.get_service().CreateTrialRequest(tuner_id=self.tuner_id)
        while not over.wait(self._heartbeat_seconds):
            try:
                self.stub.CreateTrial(request, timeout=self._heartbeat_seconds, metadata=self._identity)
            except grpc.RpcError:
                continue  # The end of the trial is sent patiently.

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        end = time.monotonic() + self._patience
        while True:
            try:
                left = max(end - time.monotonic(), 0.1)
                return method(request, wait_for_ready=True, timeout=left, metadata=self._identity)
            except grpc.RpcError as error:
                code = error.code()
                if code == grpc.StatusCode.FAILED_PRECONDITION:
                    raise OtherSearchError(f"{error.details()} This worker does not join it.") from error
                if code == grpc.StatusCode.UNAVAILABLE and time.monotonic() < end:
                    time.sleep(0.2)  # The chief died with the call.
                    continue
                if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                    raise ChiefLostError(
                        f"the search's chief at {self._address} has not answered for {self._patience:g} s. "
                        "Start it (again) with: scalenet search --chief, then this worker; or fix --address."
                    ) from error
                raise
