"""The latency table: the milliseconds of each block on one device, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value

SCHEMA = 1
MEASURE = "scalenet profile blocks --space NAME|YAML --out latency.json (or --run DIR)"


class Device(Value):
    """The processor and the software versions that a latency table is valid for.

    Attributes:
      cpu: Model of the processor.
      threads: Number of threads per operation; 0 for one per core.
      onednn: Whether TensorFlow may use oneDNN's operations.
      tensorflow: Version of TensorFlow.
      keras: Version of Keras.
    """

    cpu: Text
    threads: Integer = Field(ge=0)
    onednn: bool
    tensorflow: Text
    keras: Text


class Measured(Value):
    """The measured latency of a whole network, beside the sum of its blocks' latencies.

    Attributes:
      blocks_ms: Sum of the blocks' milliseconds.
      network_ms: Milliseconds of the network, above 0.
    """

    blocks_ms: Real
    network_ms: Real = Field(gt=0)


class Calibration(Value):
    """Linear correction from the sum of a network's blocks to its latency: `offset_ms` + `factor` x sum.

    Attributes:
      offset_ms: Constant term in milliseconds.
      factor: Factor of the sum, above 0.
      networks: Number of networks that it was fitted to.
    """

    offset_ms: Real
    factor: Real = Field(gt=0)
    networks: Integer


class Check(Value):
    """Errors of the predictions for measured networks that were not used for the calibration.

    Attributes:
      networks: Number of networks.
      median_error: Median relative error.
      largest_error: Largest relative error.
      kendall_tau: Rank correlation of predictions and measurements, -1 to 1.
    """

    networks: Integer
    median_error: Real
    largest_error: Real
    kendall_tau: Real


class LatencyTable(Value):
    """Milliseconds of every block that subnets of a space can contain, for one float32 image.

    Attributes:
      device: Device that the times were measured on.
      activation: Activation of the space.
      squeeze_reduction: Squeeze reduction of the space.
      batch: Number of images per call.
      precision: Type of weights and activations.
      blocks: Milliseconds of each block shape (see `costs.blocks.shapes_of_space`), without the overhead of a
        call.
      networks: Measured whole networks, in the order in which they were drawn.
      calibration: Correction from sums of blocks to whole networks; None until measured.
      check: Errors of the predictions; None until measured.

    Example:
      >>> read_table("latency.json").check.median_error
    """

    device: Device
    activation: Text
    squeeze_reduction: Integer
    batch: Literal[1] = 1
    precision: Literal["float32"] = "float32"
    blocks: dict[str, Real] = Field(default_factory=dict)
    networks: tuple[Measured, ...] = ()
    calibration: Calibration | None = None
    check: Check | None = None

    def __hash__(self) -> int:
        # Values that contain a table are hashed millions of times: a part of the table is enough.
        return hash((self.device.cpu, len(self.blocks), next(iter(self.blocks.values()), None)))


def read_table(path: str | Path) -> LatencyTable:
    """Reads a latency table that `scalenet profile blocks` wrote.

    Args:
      path: Path of the JSON file.

    Raises:
      ScaleNetError: If the file does not exist or is not a latency table.
    """
    path = Path(path)
    if not path.is_file():
        raise InvalidInputError(
            f"`latency_table` must be a file that exists. Received: {str(path)!r}. Measure one with: "
            f"{MEASURE}"
        )
    try:
        values = files.read_json(path)
        if not isinstance(values, dict) or values.pop("schema", None) != SCHEMA:
            raise ValueError(f"it has no schema {SCHEMA}")
        values.pop("environment", None)
        return LatencyTable.model_validate(values)
    except (ValueError, ValidationError) as error:
        raise InvalidInputError(
            f"`latency_table` {str(path)!r} is not a latency table: {error}. Measure one with: {MEASURE}"
        ) from error


def write_table(path: str | Path, table: LatencyTable, environment: Mapping[str, JsonValue]) -> Path:
    """Writes a latency table.

    Args:
      path: Path of the JSON file.
      table: The table.
      environment: Time and machine of the measurement, see `run.provenance.environment`.

    Returns:
      The path.
    """
    values = {"schema": SCHEMA, **table.model_dump(mode="json"), "environment": dict(environment)}
    return files.write_json(path, values)
