"""Compresses a trained member, as `scalenet compress` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.artifact import Made, as_input, produce, read_artifact
from components.example_gen.executor import TYPE as EXAMPLES
from components.family_trainer.executor import TYPE as MODEL
from components.lineage import Lineage
from components.outcome import Outcome
from components.runs import config_after, open_run, run_parts, upstream_parts
from scalenet_tf import files
from scalenet_tf.config import RunConfig

TYPE = "CompressedModel"


def compress(
    *, examples: str, model: str, compressed_model: str, method: str = "ptq-int8", scratch: str = ""
) -> Outcome:
    """Writes model.tflite and metrics.json; see the component.

    Raises:
      ScaleNetError: for a method that there is not, or a file that cannot be run.
    """
    given = read_artifact("examples", examples, [EXAMPLES])
    asked = read_artifact("model", model, [MODEL])
    inputs = {"examples": as_input(examples, given), "model": as_input(model, asked)}
    lineage = Lineage("compressor", inputs, {"method": method}, given["data_digest"])
    config, stage = config_after("", model), asked["stage"]

    def work(folder: Path) -> Made:
        return _compress(
            folder, config, examples, upstream_parts(model, "family.json", "members"), stage, method
        )

    metadata = produce(compressed_model, TYPE, lineage, work, scratch)
    return Outcome(metadata, _metrics(files.read_json(Path(compressed_model) / "metrics.json")))


def _compress(
    folder: Path, config: RunConfig, examples: str, parts: dict[Path, str], stage: int, method: str
) -> Made:
    from scalenet_tf.compress import compress_member

    run = open_run(folder, config, examples, parts)
    found = compress_member(run, stage, method).folder
    own = {name: found / name for name in ("model.tflite", "metrics.json")}
    properties = {"stage": stage, "name": f"s{stage}", "method": method}
    return Made({**run_parts(run), **own}, properties)


def _metrics(found: dict[str, Any]) -> dict[str, float]:
    before, environment = found["float"], found["environment"]
    return {
        "test_accuracy": float(found["test_accuracy"]),
        "float_test_accuracy": float(before["test_accuracy"]),
        "bytes": float(found["bytes"]),
        "float_bytes": float(before["bytes"]),
        "latency_ms": float(environment["latency_ms"]["1"]),
        "float_latency_ms": float(environment["float_latency_ms"]["1"]),
    }
