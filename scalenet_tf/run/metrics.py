"""members/sN/metrics.json: how good a trained member is, and what its exports were measured to do."""

from __future__ import annotations

from typing import ClassVar

from scalenet_tf.errors import NotReadyError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class Parity(Value):
    """How near an export is to the Keras model.

    Attributes:
      images: Validation images that both answered.
      largest_difference: Largest difference of a probability, over every way to ask.
      tolerance: The largest difference that is allowed.
    """

    images: int
    largest_difference: float
    tolerance: float


class ExportedFormat(Parity):
    """An export in a format other than a SavedModel.

    Attributes:
      bytes: Size of its folder.
    """

    bytes: int


class Threads(Value):
    """Threads that TensorFlow may use; 0 for as many as there are cores."""

    intra_op: int
    inter_op: int


class Latency(Value):
    """How long a SavedModel takes to answer.

    Attributes:
      latency_ms: Median milliseconds of a call, by the number of its images.
      latency_image_size: Side of the images sent, in pixels.
      latency_threads: Threads of TensorFlow.
    """

    latency_ms: dict[int, float]
    latency_image_size: int
    latency_threads: Threads


class MemberEnvironment(SparseValue, Environment):
    """Surroundings of a member's training, and what was measured of its exports.

    Attributes:
      parity, signatures, latency_ms, latency_image_size, latency_threads: Of the SavedModel; None before the
        export.
      formats: The other exports by their format; None where there are none.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"parity", "signatures", "formats", *Latency.model_fields})

    parity: Parity | None = None
    signatures: tuple[str, ...] | None = None
    latency_ms: dict[int, float] | None = None
    latency_image_size: int | None = None
    latency_threads: Threads | None = None
    formats: dict[str, ExportedFormat] | None = None


class Metrics(SparseValue, FileValue):
    """Results of a trained member.

    Attributes:
      epochs: Epochs that were trained.
      validation_accuracy: On the search-validation split, 0 to 1.
      test_accuracy: On the test split, 0 to 1.
      calibration_error: Expected calibration error on the test split; None in runs of earlier versions, as
        the next two are.
      class_accuracy: Accuracy of each class on the test split; None for a class without images.
      confusion: Test images by their class (rows) and by the answer (columns).
      provenance: What decided the weights.
      environment: Times and machine, and the measurements of the exports.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"calibration_error", "class_accuracy", "confusion"})

    epochs: int
    validation_accuracy: float
    test_accuracy: float
    calibration_error: float | None = None
    class_accuracy: tuple[float | None, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None
    provenance: Provenance
    environment: MemberEnvironment


def trained_metrics(run: RunFolder, stage: int) -> Metrics:
    """Reads a member's metrics.json.

    Raises:
      ScaleNetError: if the member is not trained yet, or the file is damaged.
    """
    metrics = read_metrics(run, stage)
    if metrics is None:
        raise NotReadyError(
            f"the member s{stage} of {str(run.path)!r} is not trained yet. Train it with: "
            f"{run.command('retrain', stage)}"
        )
    return metrics


def read_metrics(run: RunFolder, stage: int) -> Metrics | None:
    """Reads a member's metrics.json; None while the member is not trained.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = f"Put it back, or remove it and train the member again with: {run.command('retrain', stage)}"
    return read_if_there(run.member_files(stage).metrics, Metrics, advice)
