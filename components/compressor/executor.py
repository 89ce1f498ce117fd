"""Compresses a trained member, as `scalenet compress` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import COMPRESSED, EXAMPLES, MODEL
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import PUT_BACK, config_after, open_run, run_parts, upstream_parts
from scalenet_tf.compress import compress_member
from scalenet_tf.compress.metrics import CompressedMetrics
from scalenet_tf.compress.options import check_method
from scalenet_tf.run.layout import FAMILY
from scalenet_tf.run.member_files import CompressedFiles
from scalenet_tf.utils.value_file import read_value


def compress(
    *, examples: str, model: str, compressed_models: str, methods: Sequence[str], scratch: str = ""
) -> Outcome:
    """Writes METHOD/model.tflite and METHOD/metrics.json for each method; see the component.

    Raises:
      ScaleNetError: If the method is unknown, or the file cannot be run.
    """
    chosen = sorted({check_method(method) for method in methods})
    given = read_artifact("examples", examples, [EXAMPLES])
    source = read_artifact("model", model, [MODEL])
    inputs = {"examples": as_input(examples, given), "model": as_input(model, source)}
    lineage = Lineage("compressor", inputs, {"methods": chosen}, given["data_digest"])
    config, stage = config_after("", model), source["stage"]

    def work(folder: Path) -> Made:
        properties = {"stage": stage, "name": f"s{stage}", "methods": chosen}
        if not chosen:
            return Made({}, properties)
        run = open_run(folder, config, examples, upstream_parts(model, FAMILY, "members"))
        # A file that an earlier attempt finished is kept.
        found = {str(method): compress_member(run, stage, method).folder for method in chosen}
        return Made({**run_parts(run), **found}, properties)

    metadata = produce(compressed_models, COMPRESSED, lineage, work, scratch)
    metrics = {"methods": float(len(chosen))}
    for method in chosen:
        file = CompressedFiles(Path(compressed_models) / method).metrics
        metrics |= _metrics(read_value(file, CompressedMetrics, PUT_BACK))
    return Outcome(metadata, metrics)


def _metrics(found: CompressedMetrics) -> dict[str, float]:
    before, environment = found.plain, found.environment
    values = {
        "test_accuracy": found.test_accuracy,
        "float_test_accuracy": before.test_accuracy,
        "bytes": found.bytes,
        "float_bytes": before.bytes,
        "latency_ms": environment.latency_ms[1],
        "float_latency_ms": environment.float_latency_ms[1],
    }
    return {f"{found.method}_{name}".replace("-", "_"): float(value) for name, value in values.items()}
