"""Trains one member of the family and exports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import config_after, decided_by, open_run, run_parts, upstream_parts
from components.example_gen.executor import TYPE as EXAMPLES
from components.scaling_extrapolator.executor import TYPE as FAMILY
from components.supernet_trainer.executor import TYPE as SUPERNET
from scalenet_tf import steps
from scalenet_tf.config import RunConfig
from scalenet_tf.run import Run
from scalenet_tf.utils import files

TYPE = "Model"
SERVING = "Format-Serving"


def train(
    *,
    examples: str,
    supernet: str,
    family: str,
    model: str,
    stage: int,
    config: str = "",
    scratch: str = "",
) -> Outcome:
    """Writes the trained member and its SavedModel; see the component.

    Raises:
      ScaleNetError: for a stage that the family has not, or a SavedModel that answers otherwise than Keras.
    """
    inputs = {
        "examples": as_input(examples, given := read_artifact("examples", examples, [EXAMPLES])),
        "supernet": as_input(supernet, read_artifact("supernet", supernet, [SUPERNET])),
        "family": as_input(family, read_artifact("family", family, [FAMILY])),
    }
    asked = config_after(config, family)
    lineage = Lineage("family_trainer", inputs, {**decided_by(asked), "stage": stage}, given["data_digest"])

    def work(folder: Path) -> Made:
        parts = upstream_parts(supernet, "supernet") | {Path(family) / "family.json": "family.json"}
        return _train(folder, asked, examples, parts, stage)

    metadata = produce(model, TYPE, lineage, work, scratch)
    return Outcome(metadata, _metrics(files.read_json(member_of(model, stage) / "metrics.json")))


def member_of(model: str, stage: int) -> Path:
    """The member's own files in a model artifact."""
    return Path(model) / "members" / f"s{stage}"


def _train(folder: Path, config: RunConfig, examples: str, parts: dict[Path, str], stage: int) -> Made:
    from scalenet_tf.run.family import read_member
    from scalenet_tf.utils.tf_setup import load_tensorflow

    run = open_run(folder, config, examples, parts)
    load_tensorflow()
    read_member(run, stage)
    steps.retrain(run, [stage], jobs=1)
    steps.export(run, [stage])
    return model_parts(run, stage)


def model_parts(run: Run, stage: int) -> Made:
    """A trained and exported member as an artifact."""
    place = f"members/s{stage}"
    names = ("architecture.json", "history.jsonl", "metrics.json", "weights.npz")
    own = run_parts(run, "family.json", *(f"{place}/{name}" for name in names))
    return Made(
        {**own, SERVING: run.member(stage) / "saved_model" / "1"}, {"stage": stage, "name": f"s{stage}"}
    )


def _metrics(found: dict[str, Any]) -> dict[str, float]:
    environment = found["environment"]
    return {
        "validation_accuracy": float(found["validation_accuracy"]),
        "test_accuracy": float(found["test_accuracy"]),
        "epochs": float(found["epochs"]),
        "latency_ms": float(environment["latency_ms"]["1"]),
        "largest_difference": float(environment["parity"]["largest_difference"]),
    }
