"""members/sN/metrics.json: the results of a trained member and the measurements of its exports."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from scalenet_tf.errors import NotReadyError
from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, Provenance
from scalenet_tf.utils.balanced_accuracy import balanced_accuracy
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class Parity(Value):
    """The comparison of an export's predictions with those of the Keras model.

    Attributes:
      images: Number of validation images that were compared.
      largest_difference: Largest difference in a probability, over all signatures.
      tolerance: Largest allowed difference.
    """

    images: int
    largest_difference: float
    tolerance: float


class ExportedFormat(Parity):
    """An export in a format other than SavedModel.

    Attributes:
      bytes: Size of the export on disk.
    """

    bytes: int


class Threads(Value):
    """Numbers of threads that TensorFlow may use; 0 for one per core.

    Attributes:
      intra_op: Threads of one operation.
      inter_op: Operations that run at the same time.
    """

    intra_op: int
    inter_op: int


class Latency(Value):
    """The latency of a SavedModel.

    Attributes:
      latency_ms: Median milliseconds of a call, by batch size.
      latency_image_size: Side of the input images in pixels.
      latency_threads: Threads that TensorFlow may use.
    """

    latency_ms: dict[int, float]
    latency_image_size: int
    latency_threads: Threads


class MemberEnvironment(Environment):
    """Time and machine of a member's training, and the measurements of its exports.

    Attributes:
      parity: Comparison of the SavedModel with the Keras model; None before the export, as the next four.
      signatures: Names of the SavedModel's signatures.
      latency_ms: Median milliseconds of a call of the SavedModel, by batch size.
      latency_image_size: Side of the input images in pixels.
      latency_threads: Threads that TensorFlow may use.
      formats: Other exports, by format; None if there are none.
      export_digests: Digest of each file of each export, by format and path; None in runs of earlier
        versions.
    """

    optional: ClassVar[frozenset[str]] = frozenset(
        {*Environment.optional, "parity", "signatures", "formats", "export_digests", *Latency.model_fields}
    )

    parity: Parity | None = None
    signatures: tuple[str, ...] | None = None
    latency_ms: dict[int, float] | None = None
    latency_image_size: int | None = None
    latency_threads: Threads | None = None
    formats: dict[str, ExportedFormat] | None = None
    export_digests: dict[str, dict[str, str]] | None = None


class Metrics(SparseValue, FileValue):
    """Results of a trained member.

    Attributes:
      epochs: Number of trained epochs.
      validation_accuracy: Accuracy on the search-validation split, 0 to 1; for the task multi_label, mean
        average precision.
      test_accuracy: The same on the test split.
      calibration_error: Expected calibration error on the test split, 0 to 1; None in runs of earlier
        versions and for multi_label, as the next two.
      class_accuracy: Accuracy of each class on the test split, 0 to 1; None for a class without images.
      confusion: Confusion matrix of the test split [true class, predicted class], in images; also None for
        more than 1,000 classes.
      class_average_precision: Average precision of each class on the test split, 0 to 1, None for a class
        that no image has; None unless the task is multi_label.
      provenance: Everything that determines the weights.
      environment: Time and machine of the training, and the measurements of the exports.
    """

    optional: ClassVar[frozenset[str]] = frozenset(
        {"calibration_error", "class_accuracy", "confusion", "class_average_precision"}
    )

    epochs: int
    validation_accuracy: float
    test_accuracy: float
    calibration_error: float | None = None
    class_accuracy: tuple[float | None, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None
    class_average_precision: tuple[float | None, ...] | None = None
    provenance: Provenance
    environment: MemberEnvironment

    @property
    def balanced_accuracy(self) -> float | None:
        """Mean accuracy of the classes on the test split, 0 to 1; None in runs of earlier versions."""
        return None if self.class_accuracy is None else balanced_accuracy(self.class_accuracy)

    @property
    def class_images(self) -> tuple[int, ...] | None:
        """Test images of each class; None where there is no confusion matrix."""
        return None if self.confusion is None else tuple(map(sum, self.confusion))


def trained_metrics(run: RunFolder, stage: int) -> Metrics:
    """Reads the metrics.json of a member, which must be trained.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.

    Raises:
      ScaleNetError: If the member is not trained yet, or the file is damaged.
    """
    metrics = read_metrics(run, stage)
    if metrics is None:
        raise NotReadyError(
            f"the member s{stage} of {str(run.path)!r} is not trained yet. Train it with: "
            f"{run.command('retrain', stage)}"
        )
    return metrics


def read_metrics(run: RunFolder | str | Path, stage: int) -> Metrics | None:
    """Reads a member's metrics.json.

    Args:
      run: The run, or its path.
      stage: Scaling stage of the member, from 0.

    Returns:
      The results, or None if the member is not trained yet.

    Raises:
      ScaleNetError: If there is no run at the path, or the file is damaged.
    """
    run = given_folder(run)
    advice = f"Put it back, or remove it and train the member again with: {run.command('retrain', stage)}"
    return read_if_there(run.member_files(stage).metrics, Metrics, advice)
