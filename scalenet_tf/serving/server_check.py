"""Comparison of a running server with the local model."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from scalenet_tf.data import open_data
from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import loading
from scalenet_tf.run.exports import Format
from scalenet_tf.run.given_run import given_run
from scalenet_tf.serving.client import Client, ServedModel
from scalenet_tf.serving.grpc_client import GrpcClient
from scalenet_tf.serving.load_test import Latency, Load, measure
from scalenet_tf.serving.rest_client import RestClient
from scalenet_tf.serving.signatures import ImageInput, image_inputs
from scalenet_tf.utils.inputs import check_least
from scalenet_tf.utils.whole_float32 import whole_float32

TOLERANCE = 1e-4
# Not above the maximum batch size of the servers that `serve_files` sets up.
_BATCH = 32


@dataclass(frozen=True)
class Comparison:
    """Comparison of one signature over one protocol.

    Attributes:
      protocol: "gRPC" or "REST".
      signature: Name of the signature.
      images: Number of images compared.
      largest_difference: Largest absolute difference of a probability.
      same_labels: Number of images with the same label.
    """

    protocol: str
    signature: str
    images: int
    largest_difference: float
    same_labels: int


@dataclass(frozen=True)
class ServerCheck:
    """Result of `check_server`.

    Attributes:
      model: Name of the model, with its version or label.
      version: Version that answered.
      tolerance: Largest allowed difference of a probability.
      comparisons: One for each protocol and signature.
      latencies: One for each protocol, if measured.
    """

    model: str
    version: int
    tolerance: float
    comparisons: tuple[Comparison, ...]
    latencies: tuple[Latency, ...]

    @property
    def agrees(self) -> bool:
        """Whether no probability differs by more than the tolerance."""
        # Written so that NaN does not agree.
        return all(found.largest_difference <= self.tolerance for found in self.comparisons)


def check_server(
    run: Run | str | Path,
    model: ServedModel,
    target: str,
    rest: str | None = None,
    *,
    images: int = 64,
    load: Load | None = None,
    tolerance: float = TOLERANCE,
    timeout: float = 10,
) -> ServerCheck:
    """Compares a server's predictions for real images with the run's model, and measures its latency.

    Args:
      run: The run that exported the model, or its path.
      model: Served model, named like a member, for example "s1".
      target: gRPC address of the server, HOST:PORT.
      rest: REST address of the server, to check both protocols.
      images: Number of validation images to compare, at least 1, with every signature that takes images.
      load: Load for measuring the latency of `serving_default`. Default: `Load()`.
      tolerance: Largest allowed difference of a probability.
      timeout: Seconds to wait for each response.

    Returns:
      The differences and the latencies.

    Raises:
      ScaleNetError: If the run has no such model, a number is too small, or a request fails.

    Example:
      >>> check_server("runs/first", ServedModel("s1"), "localhost:8500").agrees
      True
    """
    run = given_run(run)
    check_least("images", images, 1)
    with loading(run, _stage(run, model), Format.saved_model) as folder:
        signatures = tf.saved_model.load(str(folder)).signatures
        inputs = image_inputs(folder)
    validation = open_data(run).validation
    stored = validation.take(np.arange(min(images, validation.count)))
    connects: list[Callable[[], Client]] = [partial(GrpcClient, target, model, timeout)]
    if rest is not None:
        connects.append(partial(RestClient, rest, model, timeout))
    load = load or Load()
    version, comparisons, latencies = 0, [], []
    for connect in connects:
        with closing(connect()) as client:
            version = client.version()
            if missing := sorted(set(inputs) - client.signatures()):
                raise InvalidInputError(
                    f"the server's {model} has no signature {missing}, by {client.protocol}, where the run's "
                    "model has. Give the run it was made from, or serve this run's export."
                )
            for name, given in inputs.items():
                comparisons.append(_compare(client, signatures[name], name, given, stored))
    for connect in connects if load.requests else []:
        batches = [stored[np.arange(n, n + load.batch) % len(stored)] for n in range(min(16, len(stored)))]
        with closing(connect()) as client:
            given = inputs["serving_default"]
            prepared = [client.prepare("serving_default", given, batch) for batch in batches]
        latencies.append(measure(connect, prepared, load))
    return ServerCheck(str(model), version, tolerance, tuple(comparisons), tuple(latencies))


def _stage(run: Run, model: ServedModel) -> int:
    members = {member.name: member.stage for member in run.family().members}
    if model.name not in members:
        raise InvalidInputError(
            f"`model` must be one of the run's members {list(members)}. "
            f"Received: {model.name!r}.{nearest(model.name, members)}"
        )
    return members[model.name]


def _compare(client: Client, local: Any, signature: str, given: ImageInput, images: np.ndarray) -> Comparison:
    largest, same = 0.0, 0
    for begin in range(0, len(images), _BATCH):
        batch = images[begin : begin + _BATCH]
        with whole_float32():
            expected = local(**{given.name: tf.constant(given.batch(batch), given.dtype)})
        found = client.send(client.prepare(signature, given, batch))
        probabilities = expected["probabilities"].numpy()
        if found.probabilities.shape != probabilities.shape:
            raise InvalidInputError(
                f"the server's {signature} by {client.protocol} answers probabilities "
                f"{found.probabilities.shape} where the local model's are {probabilities.shape}: it serves "
                "another family. Give the run it was made from."
            )
        largest = float(np.maximum(largest, np.abs(found.probabilities - probabilities).max()))
        labels = [label.decode() for label in expected["labels"][:, 0].numpy()]
        same += int(np.sum(found.labels[:, 0] == labels))
    return Comparison(client.protocol, signature, len(images), largest, same)
