"""Client of TensorFlow Serving over gRPC."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.errors import ConnectionLostError, InvalidInputError, ScaleNetError
from scalenet_tf.serving.client import ServedModel, ServedPredictions, available_version, parse_address
from scalenet_tf.serving.signatures import ImageInput
from scalenet_tf.utils.extras import serving_api

_UNLIMITED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
_ADVICE: dict[str, tuple[type[ScaleNetError], str]] = {
    "UNAVAILABLE": (
        ConnectionLostError,
        "no server answers there, or its queue is full. Start it, give its gRPC port, or ask less",
    ),
    "DEADLINE_EXCEEDED": (
        ConnectionLostError,
        "no answer within {timeout:g} s. Give a longer `timeout`, or ask less at a time",
    ),
    "NOT_FOUND": (
        InvalidInputError,
        "it does not serve {model}. Give one that its models.config loads",
    ),
    "FAILED_PRECONDITION": (
        InvalidInputError,
        "it cannot answer for {model}. Ask for a loaded version, with images of one size",
    ),
    "INVALID_ARGUMENT": (
        InvalidInputError,
        "it takes other requests than the local {model} does. Give the run it was made from, or ask with no "
        "more images at a time than its max_batch_size",
    ),
    "RESOURCE_EXHAUSTED": (ScaleNetError, "it has too much to do. Ask less at a time"),
    "UNIMPLEMENTED": (
        InvalidInputError,
        "the server there is not TensorFlow Serving. Give its gRPC port",
    ),
}


class GrpcClient:
    """A gRPC channel to a server.

    Args:
      target: gRPC address, HOST:PORT.
      model: Model to ask.
      timeout: Seconds to wait for each response.

    Raises:
      ScaleNetError: If the extra `serving` is not installed, or, from every method, if the request fails.
    """

    protocol = "gRPC"

    def __init__(self, target: str, model: ServedModel, timeout: float) -> None:
        parse_address("target", target)
        prediction = serving_api("apis.prediction_service_pb2_grpc")
        service = serving_api("apis.model_service_pb2_grpc")
        import grpc  # comes with the extra

        self._target, self._model, self._timeout = target, model, timeout
        self._error = grpc.RpcError
        self._channel = grpc.insecure_channel(target, _UNLIMITED)
        self._predictions = prediction.PredictionServiceStub(self._channel)
        self._models = service.ModelServiceStub(self._channel)

    def version(self) -> int:
        """Returns the version that answers, if it is available."""
        request = serving_api("apis.get_model_status_pb2").GetModelStatusRequest()
        self._name(request)
        response = self._call(self._models.GetModelStatus, request)
        state = type(response).DESCRIPTOR.fields_by_name["model_version_status"].message_type
        names = state.enum_types_by_name["State"].values_by_number
        states = [(found.version, names[found.state].name) for found in response.model_version_status]
        return available_version(states, self._model, f"`target` {self._target}")

    def signatures(self) -> set[str]:
        """Returns the names of the model's signatures."""
        metadata = serving_api("apis.get_model_metadata_pb2")
        request = metadata.GetModelMetadataRequest(metadata_field=["signature_def"])
        self._name(request)
        found = metadata.SignatureDefMap()
        self._call(self._predictions.GetModelMetadata, request).metadata["signature_def"].Unpack(found)
        return set(found.signature_def)

    def prepare(self, signature: str, given: ImageInput, images: np.ndarray) -> Any:
        """Returns a request for uint8 images [N, H, W, C] that `send` takes."""
        request = serving_api("apis.predict_pb2").PredictRequest()
        self._name(request)
        request.model_spec.signature_name = signature
        request.inputs[given.name].CopyFrom(tf.make_tensor_proto(given.batch(images)))
        return request

    def send(self, prepared: Any) -> ServedPredictions:
        """Sends a request and returns the predictions."""
        outputs = self._call(self._predictions.Predict, prepared).outputs
        labels = tf.make_ndarray(outputs["labels"])
        return ServedPredictions(
            tf.make_ndarray(outputs["probabilities"]), np.char.decode(labels.astype("S"), "utf-8")
        )

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def _name(self, request: Any) -> None:
        request.model_spec.name = self._model.name
        if self._model.version is not None:
            request.model_spec.version.value = self._model.version
        elif self._model.label is not None:
            request.model_spec.version_label = self._model.label

    def _call(self, method: Any, request: Any) -> Any:
        try:
            return method(request, timeout=self._timeout)
        except self._error as error:
            code = error.code().name
            kind, advice = _ADVICE.get(code, (ScaleNetError, "the request failed"))
            advice = advice.format(timeout=self._timeout, model=self._model)
            raise kind(f"`target` {self._target}: {advice}. It says: {code}: {error.details()}") from error
