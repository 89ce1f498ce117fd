"""members/sN/evaluation.json: a pipeline Evaluator's verdict on a member."""

from __future__ import annotations

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.balanced_accuracy import balanced_accuracy
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class Accuracy(Value):
    """Accuracy of a model on a split; for the task multi_label, average precision.

    Attributes:
      images: Number of images.
      accuracy: Top-1 accuracy, or mean average precision, 0 to 1.
      of_class: Accuracy or average precision of each class, 0 to 1; None for a class without images.
    """

    images: int
    accuracy: float
    of_class: dict[str, float | None]

    @property
    def balanced(self) -> float:
        """Mean accuracy of the classes that have images, 0 to 1."""
        return balanced_accuracy(self.of_class.values())


class Thresholds(Value):
    """The thresholds that a model must reach to be blessed.

    Attributes:
      accuracy_lower_bound: Lowest allowed accuracy, 0 to 1.
      class_accuracy_lower_bound: Lowest allowed accuracy of each class, 0 to 1.
      balanced_accuracy_lower_bound: Lowest allowed mean accuracy of the classes, 0 to 1.
      accuracy_absolute_change: Lowest allowed change of accuracy from the baseline, -1 to 1.
    """

    accuracy_lower_bound: float
    class_accuracy_lower_bound: float
    accuracy_absolute_change: float
    balanced_accuracy_lower_bound: float = 0.0  # runs of earlier versions have none


class ModelEvaluation(FileValue):
    """The evaluation of a model, compared with a baseline.

    Attributes:
      split: Name of the split.
      model: Accuracy of the model.
      baseline: Accuracy of the baseline, or None if there is no baseline.
      stage: Scaling stage of the member.
      baseline_model: Path of the baseline, or "" if there is no baseline.
      thresholds: Thresholds that the model must reach.
      faults: One sentence for each threshold that the model misses.
    """

    split: str
    model: Accuracy
    baseline: Accuracy | None
    stage: int
    baseline_model: str
    thresholds: Thresholds
    faults: tuple[str, ...]


def read_evaluation(run: RunFolder, stage: int) -> ModelEvaluation | None:
    """Reads a member's evaluation.json.

    Args:
      run: The run.
      stage: Scaling stage of the member, from 0.

    Returns:
      The evaluation, or None if no Evaluator has run on the member.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    advice = "Remove it, or run the evaluator again."
    return read_if_there(run.member_files(stage).evaluation, ModelEvaluation, advice)
