"""A stand-in for TensorFlow Serving, on its real gRPC stubs and in the form of its REST interface.

It tests clients, messages and errors. It is not the server: nothing here shows what that does by itself,
such as batching, version policies, reloading, or its own threads.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.serving.session import run_request
from scalenet_tf.serving.signatures import read_signatures
from scalenet_tf.serving.warmup import Request

AVAILABLE = get_model_status_pb2.ModelVersionStatus.State.AVAILABLE
_PATH = re.compile(r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?(:predict|/metadata)?")


class Refused(Exception):
    """A status by its gRPC name, and what the server says."""


@dataclass(frozen=True)
class Loaded:
    """One version: the session that answers, as in the server."""

    session: tf.compat.v1.Session
    signatures: dict[str, Any]

    @classmethod
    def of(cls, folder: Path) -> Loaded:
        session = tf.compat.v1.Session(graph=tf.Graph())
        with session.graph.as_default():
            tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        return cls(session, read_signatures(folder))


class StandIn(
    prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer
):
    """Serves models by name and version, and labels of versions."""

    def __init__(self, models: dict[str, dict[int, Path]], labels: dict[str, int]) -> None:
        self.labels = labels
        self.models = {
            name: {version: Loaded.of(folder) for version, folder in versions.items()}
            for name, versions in models.items()
        }

    def find(self, name: str, version: int | None, label: str | None) -> tuple[int, Loaded]:
        if name not in self.models:
            raise Refused("NOT_FOUND", f"Servable not found for request: Latest({name})")
        versions = self.models[name]
        if label:
            version = self.labels.get(label)
        number = version if version or label else max(versions)
        if number not in versions:
            raise Refused("NOT_FOUND", f"Servable not found for request: Specific({name}, {number})")
        return number, versions[number]

    def run(self, loaded: Loaded, request: Request) -> dict[str, np.ndarray]:
        try:
            return run_request(loaded.session, loaded.signatures, request)
        except ScaleNetError as error:
            raise Refused("INVALID_ARGUMENT", str(error)) from error

    def named(self, request: Any) -> tuple[int, Loaded]:
        spec = request.model_spec
        version = spec.version.value if spec.HasField("version") else None
        return self.find(spec.name, version, spec.version_label)

    def Predict(self, request: Any, context: grpc.ServicerContext) -> Any:
        response = predict_pb2.PredictResponse()
        with refusals(context):
            number, loaded = self.named(request)
            signature = request.model_spec.signature_name or "serving_default"
            response.model_spec.version.value = number
            for name, value in self.run(loaded, Request(signature, dict(request.inputs))).items():
                response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return response

    def GetModelMetadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        with refusals(context):
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in self.named(request)[1].signatures.items():
                signatures.signature_def[name].CopyFrom(signature)
            response.metadata["signature_def"].Pack(signatures)
        return response

    def GetModelStatus(self, request: Any, context: grpc.ServicerContext) -> Any:
        response = get_model_status_pb2.GetModelStatusResponse()
        with refusals(context):
            response.model_version_status.add(version=self.named(request)[0], state=AVAILABLE)
        return response

    def rest(self, path: str, body: bytes) -> Any:
        match = _PATH.fullmatch(path)
        if not match or (match[4] == ":predict") != bool(body):
            raise Refused("INVALID_ARGUMENT", f"Malformed request: {path}")
        number, loaded = self.find(match[1], int(match[2]) if match[2] else None, match[3])
        if match[4] == "/metadata":
            names = {name: json_format.MessageToDict(s) for name, s in loaded.signatures.items()}
            return {"metadata": {"signature_def": {"signature_def": names}}}
        if not body:
            return {"model_version_status": [{"version": str(number), "state": "AVAILABLE"}]}
        asked = json.loads(body)
        ((name, info),) = loaded.signatures[asked["signature_name"]].inputs.items()
        given = [base64.b64decode(v["b64"]) if isinstance(v, dict) else v for v in asked["instances"]]
        tensor = tf.make_tensor_proto(given, info.dtype)
        outputs = self.run(loaded, Request(asked["signature_name"], {name: tensor}))
        texts = {name: value.astype("U") for name, value in outputs.items() if value.dtype == object}
        columns = {**outputs, **texts}
        return {"predictions": [{n: v[i].tolist() for n, v in columns.items()} for i in range(len(given))]}


@contextmanager
def refusals(context: grpc.ServicerContext) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        context.abort(grpc.StatusCode[refused.args[0]], refused.args[1])


@contextmanager
def serving(models: dict[str, dict[int, Path]], labels: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The addresses of gRPC and REST of a stand-in that serves while the block runs."""
    stand_in = StandIn(models, labels)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or the body waits for the client to acknowledge the headers

        def do_GET(self) -> None:
            try:
                status, content = 200, stand_in.rest(self.path, self.rfile.read(self.length()))
            except Refused as refused:
                status = {"NOT_FOUND": 404}.get(refused.args[0], 400)
                content = {"error": refused.args[1]}
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def length(self) -> int:
            return int(self.headers.get("Content-Length", 0))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadPoolExecutor(4) as threads, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = grpc.server(threads)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(stand_in, server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(stand_in, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield f"127.0.0.1:{port}", f"127.0.0.1:{http.server_address[1]}"
        finally:
            http.shutdown()
            server.stop(None).wait()
