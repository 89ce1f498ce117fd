"""The latency table: what each block takes on one device, as a frozen value that goes to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files
from scalenet_tf.utils.value import Value

SCHEMA = 1
MEASURE = "scalenet profile blocks --space NAME|YAML --out latency.json (or --run DIR)"


class Device(Value):
    """What times belong to: the processor, and all of the software that changes them.

    Attributes:
      cpu: Model of the processor.
      threads: Threads of one operation; 0 for as many as there are cores.
      onednn: Whether TensorFlow may use oneDNN's operations.
      tensorflow: Its version.
      keras: Its version.
    """

    cpu: str
    threads: int = Field(ge=0)
    onednn: bool
    tensorflow: str
    keras: str


class Measured(Value):
    """A whole network: the sum of its blocks and what it takes itself, in milliseconds."""

    blocks_ms: float
    network_ms: float = Field(gt=0)


class Calibration(Value):
    """From the sum of a network's blocks to its latency: `offset_ms` + `factor` x sum."""

    offset_ms: float
    factor: float = Field(gt=0)
    networks: int


class Check(Value):
    """How far predictions are from measured networks that the calibration has not seen.

    Attributes:
      networks: How many networks.
      median_error: Median of the relative errors.
      largest_error: The largest one.
      kendall_tau: Agreement of the order, -1 to 1.
    """

    networks: int
    median_error: float
    largest_error: float
    kendall_tau: float


class LatencyTable(Value):
    """Milliseconds of every block that subnets of a space are made of, one float32 image at a time.

    Attributes:
      device: Where it was measured.
      activation: The space's.
      squeeze_reduction: The space's.
      batch: Images a call.
      precision: Of weights and activations.
      blocks: Milliseconds by the name of a shape (`latency.shapes`), those of the call left out.
      networks: The whole networks that were measured, in the order of their draws.
      calibration: From sums of blocks to networks; None until it was measured.
      check: How well that predicts; None until it was measured.

    Example:
      >>> read_table("latency.json").check.median_error
    """

    device: Device
    activation: str
    squeeze_reduction: int
    batch: Literal[1] = 1
    precision: Literal["float32"] = "float32"
    blocks: dict[str, float] = Field(default_factory=dict)
    networks: tuple[Measured, ...] = ()
    calibration: Calibration | None = None
    check: Check | None = None

    def __hash__(self) -> int:
        # Values that hold a table are hashed by the million: a part of it is enough.
        return hash((self.device.cpu, len(self.blocks), next(iter(self.blocks.values()), None)))


def read_table(path: str | Path) -> LatencyTable:
    """Reads a table that `scalenet profile blocks` wrote.

    Raises:
      ScaleNetError: where there is none, or the file is something else.
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
    """Writes a table; `environment` is what merely surrounded the measuring."""
    values = {"schema": SCHEMA, **table.model_dump(mode="json"), "environment": dict(environment)}
    return files.write_json(path, values)
