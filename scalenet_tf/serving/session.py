"""Runs a SavedModel as TensorFlow Serving does: in a session, by the names of tensors."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from scalenet_tf.errors import DamagedFileError, InvalidInputError, ScaleNetError, first_line
from scalenet_tf.serving.signatures import read_signatures
from scalenet_tf.serving.warmup import Request, read_warmup
from scalenet_tf.utils.tf_setup import without_advice


@dataclass(frozen=True)
class Replayed:
    """One replayed request.

    Attributes:
      signature: Name of the signature.
      batch: Number of images.
      seconds: Time until the response.
    """

    signature: str
    batch: int
    seconds: float


def replay(folder: Path) -> list[Replayed]:
    """Loads a SavedModel and replays its warm-up requests, as the server does before serving it.

    A request that fails here would keep the server from loading the model.

    Args:
      folder: Folder of the SavedModel.

    Returns:
      The requests in order; none if the model has no warm-up requests.

    Raises:
      ScaleNetError: If the model cannot be loaded, or a request fails.

    Example:
      >>> [(done.signature, done.batch) for done in replay(Path("members/s0/saved_model/1"))]
    """
    signatures = read_signatures(folder)
    requests = list(read_warmup(folder))
    replayed = []
    with tf.Graph().as_default(), tf.compat.v1.Session() as session, without_advice():
        try:
            tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        except (tf.errors.OpError, ValueError, RuntimeError, OSError) as error:
            raise DamagedFileError(
                f"the SavedModel {str(folder)!r} cannot be loaded ({first_line(error)}). Export it again."
            ) from error
        for request in requests:
            begun = time.perf_counter()
            run_request(session, signatures, request)
            replayed.append(Replayed(request.signature, request.batch, time.perf_counter() - begun))
    return replayed


def run_request(
    session: tf.compat.v1.Session, signatures: Mapping[str, SignatureDef], request: Request
) -> dict[str, np.ndarray]:
    """Returns the outputs of a request by name, after the checks that the server makes.

    Args:
      session: Session with the loaded model.
      signatures: SignatureDefs of the model, by name.
      request: The request.

    Raises:
      ScaleNetError: If signature, inputs, types or shapes do not fit the model, or the run fails.
    """
    where = f"a request for {request.signature!r}"
    if request.signature not in signatures:
        raise InvalidInputError(f"{where}: the model has the signatures {sorted(signatures)} alone.")
    signature = signatures[request.signature]
    if set(request.inputs) != set(signature.inputs):
        raise InvalidInputError(
            f"{where} must have the inputs {sorted(signature.inputs)}. Received: {sorted(request.inputs)}"
        )
    feeds = {}
    for name, tensor in request.inputs.items():
        info = signature.inputs[name]
        dtype, shape = tf.as_dtype(info.dtype), tf.TensorShape(info.tensor_shape)
        # The session would cast the tensor, but the server rejects it.
        if tensor.dtype != info.dtype or not shape.is_compatible_with(tf.TensorShape(tensor.tensor_shape)):
            received = f"{tf.as_dtype(tensor.dtype).name} {tf.TensorShape(tensor.tensor_shape)}"
            raise InvalidInputError(f"{where}: {name!r} must be {dtype.name} {shape}. Received: {received}")
        feeds[info.name] = tf.make_ndarray(tensor)
    fetches = {name: info.name for name, info in signature.outputs.items()}
    try:
        found: dict[str, np.ndarray] = session.run(fetches, feeds)
    except tf.errors.OpError as error:
        raise ScaleNetError(f"{where} failed: {first_line(error)}") from error
    return found
