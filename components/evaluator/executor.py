"""Measures a model and a baseline on the test split, and blesses what is good enough and no worse."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.blessing import EVALUATED, write_blessing
from components.common.lineage import Lineage, uri_of
from components.common.outcome import Outcome
from components.evaluator.baseline import baseline_model
from components.example_gen.executor import TYPE as EXAMPLES
from components.family_trainer.executor import SERVING
from components.family_trainer.executor import TYPE as MODEL
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files

if TYPE_CHECKING:
    from components.evaluator.accuracy import Accuracy

TYPE = "ModelEvaluation"
FILE = "evaluation.json"


@dataclass(frozen=True)
class Thresholds:
    """What a model must reach; see the component."""

    accuracy_lower_bound: float
    class_accuracy_lower_bound: float
    accuracy_absolute_change: float


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
) -> Outcome:
    """Writes evaluation.json and the blessing; see the component.

    Raises:
      ScaleNetError: for a threshold out of range, or a baseline that cannot be asked.
    """
    thresholds = Thresholds(accuracy_lower_bound, class_accuracy_lower_bound, accuracy_absolute_change)
    _check(thresholds)
    given = read_artifact("examples", examples, [EXAMPLES])
    asked = read_artifact("model", model, [MODEL])
    inputs = {"examples": as_input(examples, given), "model": as_input(model, asked)}
    with baseline_model(baseline_uri, asked["name"]) as baseline:
        called = baseline[1] if baseline else ""
        decides = {**asdict(thresholds), "baseline": called}
        lineage = Lineage("evaluator", inputs, decides, given["data_digest"])

        def work(folder: Path) -> Made:
            value = _measure(examples, model, baseline[0] if baseline else "")
            value |= {"stage": asked["stage"], "baseline_model": called, "thresholds": asdict(thresholds)}
            value["faults"] = faults(value, thresholds)
            return Made({FILE: files.write_json(folder / FILE, value)})

        metadata = produce(evaluation, TYPE, lineage, work)
    found = files.read_json(Path(evaluation) / FILE)
    message = "no worse than the baseline" if called else "rubber stamped: there is no baseline"
    models = {"current_model": uri_of(model), "baseline_model": called}
    verdict = write_blessing(blessing, EVALUATED, lineage, found["faults"], message, models)
    metrics = {"accuracy": found["model"]["accuracy"], "blessed": float(verdict["blessed"])}
    if called:
        metrics["baseline_accuracy"] = found["baseline"]["accuracy"]
    return Outcome(metadata, metrics, verdict)


def faults(found: dict[str, Any], thresholds: Thresholds) -> list[str]:
    """A readable line for each threshold that is not met."""
    accuracy, wrong = found["model"]["accuracy"], []
    if accuracy < thresholds.accuracy_lower_bound:
        wrong.append(f"accuracy {accuracy:.4f} is below {thresholds.accuracy_lower_bound:g}")
    for label, share in found["model"]["of_class"].items():
        if share is not None and share < thresholds.class_accuracy_lower_bound:
            wrong.append(
                f"accuracy of class {label} {share:.4f} is below {thresholds.class_accuracy_lower_bound:g}"
            )
    if found["baseline"]:
        change = accuracy - found["baseline"]["accuracy"]
        if change < thresholds.accuracy_absolute_change:
            wrong.append(
                f"accuracy {accuracy:.4f} is {change:+.4f} from the baseline's, below the allowed "
                f"{thresholds.accuracy_absolute_change:+g}"
            )
    return wrong


def _measure(examples: str, model: str, baseline: str) -> dict[str, Any]:
    from components.evaluator.accuracy import measure, test_images
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    size = files.read_json(Path(model) / "data.json")["image_size"]
    skip = load_config(str(Path(model) / "config.yaml")).data.skip_corrupt
    data = test_images(examples, size, skip)
    of_model = measure("model", str(Path(model) / SERVING), data)
    of_baseline: Accuracy | None = measure("baseline_uri", baseline, data) if baseline else None
    return {
        "schema": 1,
        "split": "test",
        "model": asdict(of_model),
        "baseline": asdict(of_baseline) if of_baseline else None,
    }


def _check(thresholds: Thresholds) -> None:
    for name, value in asdict(thresholds).items():
        low = -1 if name == "accuracy_absolute_change" else 0
        if not low <= value <= 1:
            raise ScaleNetError(f"`{name}` must be {low} to 1. Received: {value:g}")
