"""Client of TensorFlow Serving over REST: JSON over HTTP."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import quote

import numpy as np

from scalenet_tf.errors import ConnectionLostError, InvalidInputError, ScaleNetError
from scalenet_tf.serving.client import ServedModel, ServedPredictions, available_version, parse_address
from scalenet_tf.serving.signatures import ImageInput
from scalenet_tf.utils.files import parse_json

_ADVICE: dict[int, tuple[type[ScaleNetError], str]] = {
    400: (
        InvalidInputError,
        "it takes other requests than the local {model} does. Give the run it was made from, or ask with no "
        "more images at a time than its max_batch_size",
    ),
    404: (
        InvalidInputError,
        "it does not serve {model}, or is not TensorFlow Serving. Give one that its models.config loads",
    ),
    503: (ConnectionLostError, "its queue is full. Ask less at a time"),
    504: (ConnectionLostError, "it gave no answer in time. Ask less at a time"),
}


class RestClient:
    """An HTTP connection to a server, kept open.

    Args:
      address: REST address, HOST:PORT.
      model: Model to ask.
      timeout: Seconds to wait for each response.

    Raises:
      ScaleNetError: If the address is invalid, or, from every method, if the request fails.
    """

    protocol = "REST"

    def __init__(self, address: str, model: ServedModel, timeout: float) -> None:
        host, port = parse_address("rest", address)
        self._address, self._model, self._timeout = address, model, timeout
        self._connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=timeout)
        self._path = f"/v1/models/{quote(model.name, safe='')}"
        if model.version is not None:
            self._path += f"/versions/{model.version}"
        elif model.label is not None:
            self._path += f"/labels/{quote(model.label, safe='')}"

    def version(self) -> int:
        """Returns the version that answers, if it is available."""
        found = self._call("GET", self._path, None)["model_version_status"]
        states = [(int(status["version"]), status["state"]) for status in found]
        return available_version(states, self._model, f"`rest` {self._address}")

    def signatures(self) -> set[str]:
        """Returns the names of the model's signatures."""
        return set(
            self._call("GET", f"{self._path}/metadata", None)["metadata"]["signature_def"]["signature_def"]
        )

    def prepare(self, signature: str, given: ImageInput, images: np.ndarray) -> Any:
        """Returns a request for uint8 images [N, H, W, C] that `send` takes."""
        batch = given.batch(images)
        encoded = given.channels is None
        instances = (
            [{"b64": base64.b64encode(image).decode()} for image in batch] if encoded else batch.tolist()
        )
        return json.dumps({"signature_name": signature, "instances": instances})

    def send(self, prepared: Any) -> ServedPredictions:
        """Sends a request and returns the predictions."""
        rows = self._call("POST", f"{self._path}:predict", prepared)["predictions"]
        probabilities = np.array([row["probabilities"] for row in rows], np.float32)
        return ServedPredictions(probabilities, np.array([row["labels"] for row in rows]))

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _call(self, method: str, path: str, body: str | None) -> Any:
        where = f"`rest` {self._address}"
        try:
            self._connection.request(method, path, body, {"Content-Type": "application/json"})
            response = self._connection.getresponse()
            text = response.read()
        except TimeoutError as error:
            self._connection.close()
            raise ConnectionLostError(
                f"{where}: no answer within {self._timeout:g} s. Give a longer `timeout`, or ask less "
                "at a time"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ConnectionLostError(
                f"{where}: no server answers there. Start it, or give its REST port. ({error!r})"
            ) from error
        try:
            content = parse_json(text)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            content = {"error": text[:200].decode(errors="replace")}
        if response.status != 200 or "error" in content:
            kind, advice = _ADVICE.get(response.status, (ScaleNetError, "the request failed"))
            said = content.get("error", "nothing")
            raise kind(f"{where}: {advice.format(model=self._model)}. It says: {response.status} {said}")
        return content
