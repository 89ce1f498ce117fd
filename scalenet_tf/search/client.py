"""A worker's line to the oracle that outlives a restart of the chief."""

from __future__ import annotations

import json
import os

import grpc
import keras_tuner
from keras_tuner.src import protos
from keras_tuner.src.distribute.oracle_client import OracleClient

# A call in flight when the chief dies is sent again, and waits until there is a chief: the calls of
# ScaleNetOracle may be repeated.
_RETRY = {
    "maxAttempts": 5,
    "initialBackoff": "0.2s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_OPTIONS = [
    ("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": _RETRY}]})),
    ("grpc.max_reconnect_backoff_ms", 1000),
]


class PatientClient(OracleClient):
    """Keras Tuner's client, which would fail on the first call that meets no chief."""

    def __init__(self, oracle: keras_tuner.Oracle) -> None:
        super().__init__(oracle)
        address = f"{os.environ['KERASTUNER_ORACLE_IP']}:{os.environ['KERASTUNER_ORACLE_PORT']}"
        self.stub = protos.get_service_grpc().OracleStub(grpc.insecure_channel(address, options=_OPTIONS))
