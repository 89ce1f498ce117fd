"""members/sN/evaluation.json: the verdict of a pipeline's Evaluator on a member."""

from __future__ import annotations

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.value_file import FileValue, read_if_there


class Accuracy(Value):
    """Accuracy of a model over a split.

    Attributes:
      images: Images of the split.
      accuracy: Share of right answers, 0 to 1.
      of_class: The same by class; None for a class without images.
    """

    images: int
    accuracy: float
    of_class: dict[str, float | None]


class Thresholds(Value):
    """What a model must reach to be blessed.

    Attributes:
      accuracy_lower_bound: Least accuracy, 0 to 1.
      class_accuracy_lower_bound: Least accuracy of each class, 0 to 1.
      accuracy_absolute_change: Least change of accuracy from the baseline's, -1 to 1.
    """

    accuracy_lower_bound: float
    class_accuracy_lower_bound: float
    accuracy_absolute_change: float


class ModelEvaluation(FileValue):
    """A model measured and compared with a baseline.

    Attributes:
      split: Name of the split.
      model: Accuracy of the model.
      baseline: Accuracy of the baseline; None without one.
      stage: Scaling stage of the member.
      baseline_model: Where the baseline is; "" without one.
      thresholds: What the model must reach.
      faults: A readable line for each threshold that it does not reach.
    """

    split: str
    model: Accuracy
    baseline: Accuracy | None
    stage: int
    baseline_model: str
    thresholds: Thresholds
    faults: tuple[str, ...]


def read_evaluation(run: RunFolder, stage: int) -> ModelEvaluation | None:
    """Reads a member's evaluation.json; None where no Evaluator has measured it.

    Raises:
      ScaleNetError: if the file is damaged.
    """
    advice = "Remove it, or run the evaluator again."
    return read_if_there(run.member_files(stage).evaluation, ModelEvaluation, advice)
