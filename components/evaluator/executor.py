"""Measures a model and a baseline on the test split, and blesses the model if it meets the thresholds."""

from __future__ import annotations

from pathlib import Path

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import EVALUATION, EXAMPLES, MODEL, MODEL_BLESSING, SERVING
from components.common.blessing import write_blessing
from components.common.lineage import Lineage, uri_of
from components.common.outcome import Outcome
from components.common.runs import PUT_BACK
from components.common.saved_model import check_saved_model
from components.evaluator.baseline import baseline_model
from scalenet_tf.config import Task
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.evaluation import Accuracy, ModelEvaluation, Thresholds
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.member_files import EVALUATION as EVALUATION_FILE
from scalenet_tf.utils.value_file import read_value, write_value

_ROUNDING = 1e-9


def evaluate(
    *,
    examples: str,
    model: str,
    evaluation: str,
    blessing: str,
    baseline_uri: str = "",
    accuracy_lower_bound: float = 0.0,
    class_accuracy_lower_bound: float = 0.0,
    accuracy_absolute_change: float = -0.01,
    balanced_accuracy_lower_bound: float = 0.0,
) -> Outcome:
    """Writes evaluation.json and the blessing; see the component.

    Raises:
      ScaleNetError: If a threshold is out of range, the SavedModel is damaged, or the baseline cannot be
        evaluated.
    """
    thresholds = Thresholds(
        accuracy_lower_bound=accuracy_lower_bound,
        class_accuracy_lower_bound=class_accuracy_lower_bound,
        accuracy_absolute_change=accuracy_absolute_change,
        balanced_accuracy_lower_bound=balanced_accuracy_lower_bound,
    )
    _check(thresholds)
    given = read_artifact("examples", examples, [EXAMPLES])
    task = Task(given.get("task", Task.single_label))  # Earlier versions wrote no task.
    if task is Task.multi_label and balanced_accuracy_lower_bound:
        raise InvalidInputError(
            "`balanced_accuracy_lower_bound` must be 0 for the task multi_label, whose mean average "
            f"precision counts every class alike already. Received: {balanced_accuracy_lower_bound:g}. Give "
            "`accuracy_lower_bound`."
        )
    model_metadata = read_artifact("model", model, [MODEL])
    inputs = {"examples": as_input(examples, given), "model": as_input(model, model_metadata)}
    with baseline_model(baseline_uri, model_metadata["name"], model_metadata["digest"]) as baseline:
        called = baseline[1] if baseline else ""
        decides = {**thresholds.model_dump(), "baseline": called}
        lineage = Lineage("evaluator", inputs, decides, given["data_digest"])

        def work(folder: Path) -> Made:
            check_saved_model(model, model_metadata["stage"])
            ours, its = _measure(examples, model, baseline[0] if baseline else "", called)
            value = ModelEvaluation(
                split="test",
                model=ours,
                baseline=its,
                stage=model_metadata["stage"],
                baseline_model=called,
                thresholds=thresholds,
                faults=tuple(faults(ours, its, thresholds, task)),
            )
            return Made({EVALUATION_FILE: write_value(folder / EVALUATION_FILE, value)})

        metadata = produce(evaluation, EVALUATION, lineage, work)
    found = read_value(Path(evaluation) / EVALUATION_FILE, ModelEvaluation, PUT_BACK)
    message = "no worse than the baseline" if called else "rubber stamped: there is no baseline"
    models = {"current_model": uri_of(model), "baseline_model": called}
    verdict = write_blessing(blessing, MODEL_BLESSING, lineage, found.faults, message, models)
    metrics = {
        "accuracy": found.model.accuracy,
        "blessed": float(verdict["blessed"]),
    }
    if task is Task.single_label:
        metrics["balanced_accuracy"] = found.model.balanced
    if found.baseline is not None:
        metrics["baseline_accuracy"] = found.baseline.accuracy
    return Outcome(metadata, metrics, verdict)


def faults(
    model: Accuracy, baseline: Accuracy | None, thresholds: Thresholds, task: Task = Task.single_label
) -> list[str]:
    """Returns a readable line for each threshold that is not met."""
    accuracy, name, wrong = model.accuracy, task.score, []
    of_class = "average precision" if task is Task.multi_label else "accuracy"
    if accuracy < thresholds.accuracy_lower_bound:
        wrong.append(f"{name} {accuracy:.4f} is below {thresholds.accuracy_lower_bound:g}")
    if model.balanced < thresholds.balanced_accuracy_lower_bound:
        wrong.append(
            f"balanced accuracy {model.balanced:.4f} is below {thresholds.balanced_accuracy_lower_bound:g}"
        )
    for label, share in model.of_class.items():
        if share is not None and share < thresholds.class_accuracy_lower_bound:
            wrong.append(
                f"{of_class} of class {label} {share:.4f} is below {thresholds.class_accuracy_lower_bound:g}"
            )
    if baseline is not None:
        change = accuracy - baseline.accuracy
        # The difference of two accuracies that is the limit itself may be below it by a rounding.
        if change < thresholds.accuracy_absolute_change - _ROUNDING:
            wrong.append(
                f"{name} {accuracy:.4f} is {change:+.4f} from the baseline's, below the allowed "
                f"{thresholds.accuracy_absolute_change:+g}"
            )
    return wrong


def _measure(examples: str, model: str, baseline: str, called: str) -> tuple[Accuracy, Accuracy | None]:
    """Accuracy of the model, and of the baseline if there is one."""
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from components.common.examples import open_test_split
    from components.evaluator.accuracy import measure

    data = open_test_split(examples, RunFolder(Path(model)))
    of_model = measure("model", str(Path(model) / SERVING), data)
    return of_model, measure("baseline_uri", baseline, data, called) if baseline else None


def _check(thresholds: Thresholds) -> None:
    for name, value in thresholds.model_dump().items():
        low = -1 if name == "accuracy_absolute_change" else 0
        if not low <= value <= 1:
            raise InvalidInputError(f"`{name}` must be {low} to 1. Received: {value:g}")
