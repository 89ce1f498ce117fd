"""A SavedModel asked as TensorFlow Serving asks it: by a session, by the names of tensors."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from scalenet_tf.errors import ScaleNetError, first_line
from scalenet_tf.serving.signatures import read_signatures
from scalenet_tf.serving.warmup import Request, read_warmup


@dataclass(frozen=True)
class Replayed:
    """One answered request: its signature, its images, and how long the answer took."""

    signature: str
    batch: int
    seconds: float


def replay(folder: Path) -> list[Replayed]:
    """Loads a SavedModel and makes its warm-up requests, as the server does before it serves it.

    One that fails here would keep the server from loading the model.

    Args:
      folder: The SavedModel's.

    Returns:
      The requests in their order; none where the model has none.

    Raises:
      ScaleNetError: where it cannot be loaded or is asked for something that it does not take.

    Example:
      >>> [(done.signature, done.batch) for done in replay(Path("members/s0/saved_model/1"))]
    """
    signatures = read_signatures(folder)
    requests = list(read_warmup(folder))
    replayed = []
    with tf.Graph().as_default(), tf.compat.v1.Session() as session, _no_advice():
        try:
            tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
        except (tf.errors.OpError, ValueError, RuntimeError, OSError) as error:
            raise ScaleNetError(
                f"the SavedModel {str(folder)!r} cannot be loaded ({first_line(error)}). Export it again."
            ) from error
        for request in requests:
            begun = time.perf_counter()
            answer(session, signatures, request)
            replayed.append(Replayed(request.signature, request.batch, time.perf_counter() - begun))
    return replayed


def answer(
    session: tf.compat.v1.Session, signatures: Mapping[str, SignatureDef], request: Request
) -> dict[str, np.ndarray]:
    """The outputs of one request by name, after the checks that the server makes.

    Raises:
      ScaleNetError: for an unknown signature, other inputs, another type or shape, or a failed run.
    """
    where = f"a request for {request.signature!r}"
    if request.signature not in signatures:
        raise ScaleNetError(f"{where}: the model has the signatures {sorted(signatures)} alone.")
    signature = signatures[request.signature]
    if set(request.inputs) != set(signature.inputs):
        raise ScaleNetError(
            f"{where} must have the inputs {sorted(signature.inputs)}. Received: {sorted(request.inputs)}"
        )
    feeds = {}
    for name, tensor in request.inputs.items():
        info = signature.inputs[name]
        dtype, shape = tf.as_dtype(info.dtype), tf.TensorShape(info.tensor_shape)
        # The session itself would cast, where the server refuses.
        if tensor.dtype != info.dtype or not shape.is_compatible_with(tf.TensorShape(tensor.tensor_shape)):
            received = f"{tf.as_dtype(tensor.dtype).name} {tf.TensorShape(tensor.tensor_shape)}"
            raise ScaleNetError(f"{where}: {name!r} must be {dtype.name} {shape}. Received: {received}")
        feeds[info.name] = tf.make_ndarray(tensor)
    fetches = {name: info.name for name, info in signature.outputs.items()}
    try:
        found: dict[str, np.ndarray] = session.run(fetches, feeds)
    except tf.errors.OpError as error:
        raise ScaleNetError(f"{where} failed: {first_line(error)}") from error
    return found


@contextmanager
def _no_advice() -> Iterator[None]:
    """TensorFlow logs that this way of loading is deprecated; it is the server's."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


if __name__ == "__main__":
    for done in replay(Path(sys.argv[1])):
        print(f"{done.signature} [{done.batch}]: {1000 * done.seconds:.1f} ms")
