"""The compressed files of the members as a table: method, accuracy, size, latency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scalenet_tf.compress.metrics import FileFigures, compressions
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_family

FLOAT = "float32"


@dataclass(frozen=True)
class CompressionRow:
    """One file of a member; the first of each member is its float32 file, to compare with.

    Attributes:
      member: Its name, such as "s0".
      method: "float32", or the method of compression.
      validation_accuracy: Of the file in LiteRT's interpreter, 0 to 1.
      test_accuracy: The same on the test split.
      size: Bytes.
      gzip_size: Bytes, compressed by gzip.
      relative_size: `size` to that of the float32 file.
      latency_ms: Median milliseconds of one image, one thread.
      latency_32_ms: The same of a batch of 32.
      relative_latency: Of one image, to the float32 file's that took turns with it.
      largest_difference: Of a probability, to the Keras model's.
    """

    member: str
    method: str
    validation_accuracy: float
    test_accuracy: float
    size: int
    gzip_size: int
    relative_size: float
    latency_ms: float
    latency_32_ms: float
    relative_latency: float
    largest_difference: float


def compression_rows(run: Run, stage: int | None = None) -> list[CompressionRow]:
    """The compressed files found in a run, S0's first; of one member where `stage` is given."""
    family = read_family(run)
    stages = family.stages if family else []
    return [row for found in stages if stage in (None, found) for row in _member_rows(run, found)]


def _member_rows(run: Run, stage: int) -> Iterator[CompressionRow]:
    for index, metrics in enumerate(compressions(run, stage)):
        surroundings = metrics.environment
        plain, plain_latency = metrics.plain, surroundings.float_latency_ms
        if index == 0:
            yield _row(f"s{stage}", FLOAT, plain, plain_latency, plain, plain_latency)
        own = metrics.figures, surroundings.latency_ms
        yield _row(f"s{stage}", metrics.method, *own, plain, plain_latency)


def _row(
    member: str,
    method: str,
    figures: FileFigures,
    latency: Mapping[int, float],
    plain: FileFigures,
    plain_latency: Mapping[int, float],
) -> CompressionRow:
    return CompressionRow(
        member=member,
        method=method,
        validation_accuracy=figures.validation_accuracy,
        test_accuracy=figures.test_accuracy,
        size=figures.bytes,
        gzip_size=figures.gzip_bytes,
        relative_size=figures.bytes / plain.bytes,
        latency_ms=latency[1],
        latency_32_ms=latency[32],
        relative_latency=latency[1] / plain_latency[1],
        largest_difference=figures.largest_difference,
    )
