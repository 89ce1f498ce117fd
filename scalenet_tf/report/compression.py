"""The compressed files of the members as rows: method, accuracy, size, latency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scalenet_tf.compress.metrics import FileFigures, compressions
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_family

FLOAT = "float32"


@dataclass(frozen=True)
class CompressionRow:
    """One file of a member; the first row of each member is its float32 file, for comparison.

    Attributes:
      member: Name of the member, for example "s0".
      method: "float32", or the compression method.
      validation_accuracy: Accuracy of the file in LiteRT's interpreter on the validation split, 0 to 1.
      test_accuracy: The same on the test split.
      size: Size of the file in bytes.
      gzip_size: Size in bytes after gzip.
      relative_size: Size relative to the float32 file.
      latency_ms: Median milliseconds for one image on one thread.
      latency_32_ms: Median milliseconds for a batch of 32 images.
      relative_latency: Latency of one image relative to the float32 file, measured in turns with it.
      largest_difference: Largest absolute difference of a probability to the Keras model.
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
    """Returns a row for each compressed file of a run, S0 first.

    Args:
      run: Any run.
      stage: Scaling stage of the member. Default: all members.
    """
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
