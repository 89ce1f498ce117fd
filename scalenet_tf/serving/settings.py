"""Settings of a server: container image, cores, batching, and the resulting command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from google.protobuf import text_format
from pydantic import Field, ValidationError, model_validator

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.serving.protos import batching_parameters, monitoring_config
from scalenet_tf.utils.kernels import ONEDNN
from scalenet_tf.utils.value import Value

# Paths and ports inside the server's container.
MODELS, CONFIG = "/models", "/config"
GRPC_PORT, REST_PORT = 8500, 8501
METRICS_PATH = "/monitoring/prometheus/metrics"
# Below, TensorFlow's own kernels have a lower latency per image. By benchmarks/export_latency.py that holds
# at 98 k parameters and not at 1 M; nothing in between was measured.
ONEDNN_PARAMETERS = 500_000
_IMAGE = re.compile(r"[a-z0-9][\w.:/-]{0,254}(@sha256:[0-9a-f]{64})?", re.ASCII | re.IGNORECASE)
_MEMORY = re.compile(r"[1-9][0-9]{0,5}[MG]i")


class Batching(Value):
    """Settings for joining requests of several clients into batches.

    Args:
      max_batch_size: Maximum number of images in a batch, and in one request.
      timeout_micros: Microseconds that a request waits for others while a thread is idle.
      max_enqueued_batches: Maximum number of waiting batches; further requests are rejected.
      allowed_batch_sizes: Sizes that batches are padded to; empty for any size. On a CPU, padding is wasted
        work.
    """

    max_batch_size: int = Field(default=32, ge=1)
    timeout_micros: int = Field(default=0, ge=0)
    max_enqueued_batches: int = Field(default=100, ge=1)
    allowed_batch_sizes: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _sizes(self) -> Batching:
        sizes = self.allowed_batch_sizes
        rising = all(smaller < larger for smaller, larger in pairwise((0, *sizes)))
        if sizes and not (rising and sizes[-1] == self.max_batch_size):
            raise ValueError(
                "`allowed_batch_sizes` must rise from at least 1, and end with `max_batch_size` "
                f"({self.max_batch_size}). Received: {list(sizes)}"
            )
        return self


class ServerSettings(Value):
    """Settings of the server of a family.

    Args:
      image: Container image: `tensorflow/serving` of the TensorFlow release that exported, or later. A digest
        (NAME@sha256:…) pins its content.
      cores: CPU cores: concurrent operations, concurrent batches, and the limit of the container.
      memory: Memory limit of the container, such as "4Gi" or "512Mi".
      batching: Settings for joining requests into batches, or None to answer each request alone.
      onednn: Whether to use oneDNN's kernels; None to use them from `ONEDNN_PARAMETERS` parameters on.
    """

    image: str = "tensorflow/serving:2.21.0"
    cores: int = Field(default=2, ge=1)
    memory: str = "4Gi"
    batching: Batching | None = Batching()
    onednn: bool | None = None

    @model_validator(mode="after")
    def _texts(self) -> ServerSettings:
        for name, pattern, expected in (
            ("image", _IMAGE, "a container image, such as NAME:TAG or NAME@sha256:DIGEST"),
            ("memory", _MEMORY, "a number of Mi or Gi, such as 4Gi"),
        ):
            if not pattern.fullmatch(text := getattr(self, name)):
                raise ValueError(f"`{name}` must be {expected}. Received: {text!r}")
        return self

    def for_members(self, parameters: int) -> ServerSettings:
        """Returns the settings with `onednn` decided.

        Args:
          parameters: Number of parameters of the largest member.
        """
        if self.onednn is not None:
            return self
        return self.model_copy(update={"onednn": parameters >= ONEDNN_PARAMETERS})

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the server."""
        return {ONEDNN: "1" if self.onednn else "0"}

    def changed(
        self, batching: bool | None, batches: Mapping[str, Any], others: Mapping[str, Any]
    ) -> ServerSettings:
        """Returns the settings with every value replaced that is not None.

        Args:
          batching: Whether requests are joined; giving `batches` also joins them.
          batches: Fields of `Batching`.
          others: Fields of the settings.

        Raises:
          ScaleNetError: If values are invalid, or contradict each other.
        """
        batches = {name: value for name, value in batches.items() if value is not None}
        others = {name: value for name, value in others.items() if value is not None}
        if batching is False and batches:
            raise InvalidInputError(
                f"`batching` is off, where {sorted(batches)} make no sense. Leave them out."
            )
        joined = self.batching
        if batching is False:
            joined = None
        elif batching or batches:
            joined = joined or Batching()
        try:
            if joined:
                joined = Batching.model_validate({**joined.model_dump(), **batches})
            return ServerSettings.model_validate({**self.model_dump(), **others, "batching": joined})
        except ValidationError as error:
            raise InvalidInputError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error

    def command(self) -> list[str]:
        """Returns the command line of the server."""
        command = [
            "tensorflow_model_server",
            f"--port={GRPC_PORT}",
            f"--rest_api_port={REST_PORT}",
            f"--model_config_file={CONFIG}/models.config",
            "--model_config_file_poll_wait_seconds=30",
            # Needed to start a server with labels, since no version is loaded yet. A label in use still moves
            # to loaded versions only.
            "--allow_version_labels_for_unavailable_models=true",
            f"--monitoring_config_file={CONFIG}/monitoring.config",
            "--tensorflow_intra_op_parallelism=1",
            f"--tensorflow_inter_op_parallelism={self.cores}",
        ]
        if self.batching:
            command += ["--enable_batching=true", f"--batching_parameters_file={CONFIG}/batching.config"]
        return command


def batching_text(batching: Batching, cores: int) -> str:
    """Returns the text of the batching file."""
    message = batching_parameters()(allowed_batch_sizes=batching.allowed_batch_sizes)
    message.max_batch_size.value = batching.max_batch_size
    message.batch_timeout_micros.value = batching.timeout_micros
    message.max_enqueued_batches.value = batching.max_enqueued_batches
    message.num_batch_threads.value = cores
    return to_text(message)


def monitoring_text() -> str:
    """Returns the text of the monitoring file: Prometheus metrics on the REST port."""
    message = monitoring_config()()
    message.prometheus_config.enable = True
    message.prometheus_config.path = METRICS_PATH
    return to_text(message)


def to_text(message: object) -> str:
    """Returns a message as text, after checking that the text parses to the same message."""
    text: str = text_format.MessageToString(message)
    parsed = text_format.Parse(text, type(message)())
    if parsed != message:
        raise AssertionError(f"{text!r} reads back as another message")
    return text
