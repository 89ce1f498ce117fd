"""members/sN/compressed/METHOD/metrics.json: a compressed file and its figures. No TensorFlow here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from scalenet_tf.compress.options import METHODS, CompressOptions, Method
from scalenet_tf.errors import DamagedFileError, NotReadyError
from scalenet_tf.run.export_digests import find_damage
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.member_files import CompressedFiles
from scalenet_tf.run.metrics import read_metrics, trained_metrics
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class FileFigures(Value):
    """Figures of one .tflite file, measured by running it in LiteRT's interpreter.

    Attributes:
      bytes: Size of the file.
      gzip_bytes: Size of the file compressed by gzip.
      validation_accuracy: On the search-validation split, 0 to 1; for the task multi_label, mean average
        precision, and so is test_accuracy.
      test_accuracy: On the test split, 0 to 1.
      largest_difference: Largest difference of a probability to the Keras model's, on the test split.
    """

    bytes: int
    gzip_bytes: int
    validation_accuracy: float
    test_accuracy: float
    largest_difference: float


class CompressionEnvironment(Environment):
    """Surroundings of a compression.

    Attributes:
      latency_ms: Median milliseconds of a call, by the number of its images.
      float_latency_ms: The same of the float32 file, which took turns with the compressed one.
      latency_threads: Threads of the interpreter.
    """

    latency_ms: dict[int, float]
    float_latency_ms: dict[int, float]
    latency_threads: int


class CompressedMetrics(SparseValue, FileValue):
    """A compressed member.

    Attributes:
      method: Method of the compression.
      options: Options of the compression.
      input: Type of the images that the file takes.
      output: Type and meaning of its output.
      resolution: Side of its images in pixels.
      bytes, gzip_bytes, validation_accuracy, test_accuracy, largest_difference: See `FileFigures`.
      plain: Figures of the member's float32 file; "float" in JSON.
      provenance: Configuration, seed, digests and versions that determined the file.
      environment: Times and machine.
      digest: Digest of the file; None in runs of earlier versions.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"digest"})

    method: Method
    options: CompressOptions
    input: str
    output: str
    resolution: int
    bytes: int
    gzip_bytes: int
    validation_accuracy: float
    test_accuracy: float
    largest_difference: float
    plain: FileFigures = Field(alias="float")
    provenance: Provenance
    environment: CompressionEnvironment
    digest: str | None = None

    @property
    def figures(self) -> FileFigures:
        """Figures of the compressed file."""
        return FileFigures(**{name: getattr(self, name) for name in FileFigures.model_fields})


def read_compressed(run: RunFolder, stage: int, method: str) -> CompressedMetrics | None:
    """Reads the metrics of a compressed member; None while it is not compressed by that method.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    files = run.member_files(stage).compressed(method)
    return read_if_there(files.metrics, CompressedMetrics, _advice(run, stage, files))


def check_compressed(run: RunFolder, stage: int, method: str) -> Path:
    """Returns the path of a compressed member's file, which is as it was written.

    Raises:
      ScaleNetError: If the member is not compressed by this method, or the file is damaged.
    """
    trained_metrics(run, stage)  # or says how to train it
    found, files = read_compressed(run, stage, method), run.member_files(stage).compressed(method)
    if found is None:
        raise NotReadyError(
            f"the member s{stage} of {str(run.path)!r} is not compressed by {method} yet. Compress it with: "
            f"{run.command('compress', stage)} --method {method}"
        )
    wrong = other_weights(run, stage, found) or model_damage(found, files)
    if wrong is not None:
        raise DamagedFileError(
            f"{wrong}. Compress the member again with: {run.command('compress', stage)} --method {method}"
        )
    return files.model


def other_weights(run: RunFolder, stage: int, found: CompressedMetrics) -> str | None:
    """Returns what is wrong with a compressed file of weights that the member has no more, or None."""
    trained, made = read_metrics(run, stage), found.provenance.digests.get("weights")
    now = None if trained is None else trained.provenance.digests.get("weights")
    if trained is not None and (made == now or None in (made, now)):
        return None
    return (
        f"{str(run.member_files(stage).compressed(found.method).folder)!r} was made from weights that the "
        f"member has no more (their digest is {made}, that of the member's {now})"
    )


def model_damage(metrics: CompressedMetrics, files: CompressedFiles) -> str | None:
    """Returns what is wrong with a compressed member's file, or None if it is as it was written."""
    if not files.model.is_file():
        return f"{str(files.model)!r} is missing"
    return find_damage(files.folder, {files.model.name: metrics.digest} if metrics.digest else None)


def compressions(run: RunFolder, stage: int) -> Iterator[CompressedMetrics]:
    """The metrics of each file that a member is compressed to, in the order of the methods' names.

    A file of weights that the member has no more is left out. What else is in the folder, such as one that
    was moved away, is left alone.

    Raises:
      ScaleNetError: If a file is damaged.
    """
    for method in sorted(METHODS):
        metrics = read_compressed(run, stage, method)
        if metrics is not None and other_weights(run, stage, metrics) is None:
            yield metrics


def _advice(run: RunFolder, stage: int, files: CompressedFiles) -> str:
    return (
        f"Put it back, or move {str(files.folder)!r} away and compress the member again with: "
        f"{run.command('compress', stage)} --method {files.folder.name}"
    )
