"""Warm-up requests, which TensorFlow Serving sends to a model before it serves clients."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.tensor_pb2 import TensorProto

from scalenet_tf.errors import DamagedFileError, InvalidInputError, first_line
from scalenet_tf.run.exports import EXTRA_ASSETS
from scalenet_tf.serving.protos import prediction_log
from scalenet_tf.serving.signatures import image_inputs
from scalenet_tf.utils import files

BATCHES = (1, 8, 32)
# With more records, the server rejects the model.
MOST_RECORDS = 1000


@dataclass(frozen=True)
class Request:
    """One recorded request.

    Attributes:
      signature: Name of the signature.
      inputs: A tensor for each input, by name.
    """

    signature: str
    inputs: dict[str, TensorProto]

    @property
    def batch(self) -> int:
        """Number of images in the request."""
        return max((dim.size for t in self.inputs.values() for dim in t.tensor_shape.dim[:1]), default=0)


def warmup_file(folder: Path) -> Path:
    """Returns the path where the server looks for a SavedModel's warm-up requests."""
    return folder / EXTRA_ASSETS / "tf_serving_warmup_requests"


def write_warmup(folder: Path, images: np.ndarray, batches: Sequence[int] = BATCHES) -> Path:
    """Writes warm-up requests of real images for every signature of a SavedModel that takes images.

    The first request of a kind is slow because it prepares the graph. The server sends these while it loads
    the model, so that no client has to wait. Call this before the folder gets its final name.

    Args:
      folder: Folder of the SavedModel.
      images: uint8 [N, H, W, C], repeated for batches larger than N.
      batches: Batch sizes; one request is written for each of them and each signature.

    Returns:
      The path of the file, which has the same bytes for the same images.

    Raises:
      ScaleNetError: If the images do not fit the model, or there are more requests than the server accepts.

    Example:
      >>> write_warmup(Path("members/s0/saved_model/1"), data.validation.take(np.arange(32)))
    """
    inputs = image_inputs(folder)
    _check(images, [given.channels for given in inputs.values()], len(inputs) * len(batches))
    records = []
    for signature, given in inputs.items():
        for batch in batches:
            log = prediction_log()()
            request = log.predict_log.request
            request.model_spec.signature_name = signature
            tensor = tf.make_tensor_proto(given.batch(images[np.arange(batch) % len(images)]))
            request.inputs.add(key=given.name, value=tensor)
            records.append(log.SerializeToString(deterministic=True))
    with tempfile.NamedTemporaryFile() as temporary:
        with tf.io.TFRecordWriter(temporary.name) as writer:
            for record in records:
                writer.write(record)
        return files.write_bytes(warmup_file(folder), Path(temporary.name).read_bytes())


def read_warmup(folder: Path) -> Iterator[Request]:
    """Yields the warm-up requests of a SavedModel; none if it has no such file.

    Args:
      folder: Folder of the SavedModel.

    Raises:
      ScaleNetError: If the server would reject the file: too many records, or records that it cannot read.
    """
    file = warmup_file(folder)
    if not file.is_file():
        return
    try:
        for number, record in enumerate(tf.data.TFRecordDataset(str(file)).as_numpy_iterator(), start=1):
            if number > MOST_RECORDS:
                raise DamagedFileError(
                    f"warm-up requests must be at most {MOST_RECORDS}, or the server refuses the model. "
                    f"{str(file)!r} holds more: write it again."
                )
            log = prediction_log().FromString(record)
            if not log.HasField("predict_log"):
                raise DamagedFileError(
                    f"record {number} of {str(file)!r} is not a prediction: write it again."
                )
            request = log.predict_log.request
            yield Request(
                request.model_spec.signature_name or "serving_default",
                {given.key: given.value for given in request.inputs},
            )
    except (DecodeError, tf.errors.DataLossError) as error:
        raise DamagedFileError(
            f"{str(file)!r} is not a complete file of warm-up requests ({first_line(error)}): write it again."
        ) from error


def _check(images: np.ndarray, channels: Sequence[int | None], records: int) -> None:
    if images.ndim != 4 or images.dtype != np.uint8 or not len(images):
        raise InvalidInputError(
            f"`images` must be uint8 [N, H, W, C], at least one. Received: {images.dtype} {images.shape}"
        )
    if wrong := {number for number in channels if number not in (None, images.shape[3])}:
        raise InvalidInputError(
            f"`images` must have the {wrong.pop()} channels that the model takes. Received: {images.shape}"
        )
    if records > MOST_RECORDS:
        raise InvalidInputError(
            f"`batches`: the server takes at most {MOST_RECORDS} warm-up requests of a model. "
            f"Received: {records}"
        )
