"""Serves a model in a new process, and blesses it if it loads, responds and stays within the limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from components.common.artifact import as_input, read_artifact
from components.common.artifact_types import EXAMPLES, INFRA_BLESSING, MODEL, SERVING
from components.common.blessing import write_blessing
from components.common.lineage import Lineage
from components.common.log import log
from components.common.outcome import Outcome
from components.common.runs import PUT_BACK
from components.common.saved_model import saved_model_damage
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.lifeline import LIFELINE, lifeline
from scalenet_tf.utils.processes import exit_in_words
from scalenet_tf.utils.value_file import read_value

QUERIES = 16
TOLERANCE = 1e-4
_QUERY_SECONDS = 120
PROBE = str(Path(__file__).with_name("probe.py"))


@dataclass(frozen=True)
class ServingLimits:
    """Limits of a served model, 0 for none; see the component."""

    max_latency_ms: float
    max_memory_mb: float
    max_loading_seconds: float


def validate(
    *,
    examples: str,
    model: str,
    blessing: str,
    max_latency_ms: float = 0.0,
    max_memory_mb: float = 0.0,
    max_loading_seconds: float = 300.0,
    num_tries: int = 1,
) -> Outcome:
    """Writes the infra blessing; see the component.

    Raises:
      ScaleNetError: If a limit is not valid. A model that cannot be served is not blessed, without an
        error.
    """
    limits = ServingLimits(max_latency_ms, max_memory_mb, max_loading_seconds)
    for name, value in {**asdict(limits), "num_tries": num_tries - 1}.items():
        if value < 0:
            raise InvalidInputError(
                f"`{name}` must not be negative or, for tries, below 1. Received: {value:g}"
            )
    given = read_artifact("examples", examples, [EXAMPLES])
    model_metadata = read_artifact("model", model, [MODEL])
    inputs = {"examples": as_input(examples, given), "model": as_input(model, model_metadata)}
    lineage = Lineage("infra_validator", inputs, asdict(limits), given["data_digest"])
    damage = saved_model_damage(model, model_metadata["stage"])
    served, wrong = ({}, [damage]) if damage else _try(examples, model, limits, num_tries)
    properties = {"served_by": served.get("server", "nothing: it did not load"), "has_model": 1}
    message = f"responds in {len(served.get('signatures', {}))} signatures, served by {served.get('server')}"
    metadata = write_blessing(blessing, INFRA_BLESSING, lineage, wrong, message, properties)
    metrics = {"blessed": float(metadata["blessed"])}
    if served:
        latencies = [found["latency_ms"] for found in served["signatures"].values()]
        metrics |= {"latency_ms": max(latencies)} if latencies else {}
        metrics |= {
            "memory_mb": served["memory_bytes"] / 1e6,
            "loading_seconds": served["loading_seconds"],
        }
    return Outcome(metadata, metrics)


def faults(served: dict[str, Any], limits: ServingLimits, classes: int) -> list[str]:
    """Returns a readable line for each wrong output and each exceeded limit."""
    wrong = []
    if not served["signatures"]:
        wrong.append("the model has no signature")
    for name, found in served["signatures"].items():
        if found["shapes"]["probabilities"] != [QUERIES, classes]:
            wrong.append(
                f"{name} returns for {QUERIES} images probabilities of shape "
                f"{found['shapes']['probabilities']}, not {[QUERIES, classes]}"
            )
        if not (found["finite"] and found["sums_to_one"]):
            wrong.append(f"{name} gives probabilities that do not add up to 1")
        # Written so that NaN fails too.
        if not found["difference"] <= TOLERANCE:
            wrong.append(f"{name} differs from the first signature by {found['difference']:.2g}")
        if 0 < limits.max_latency_ms < found["latency_ms"]:
            wrong.append(f"{name} takes {found['latency_ms']:g} ms an image, over {limits.max_latency_ms:g}")
    megabytes = served["memory_bytes"] / 1e6
    if 0 < limits.max_memory_mb < megabytes:
        wrong.append(f"the process takes {megabytes:.0f} MB, over {limits.max_memory_mb:g}")
    if 0 < limits.max_loading_seconds < served["loading_seconds"]:
        wrong.append(f"loading takes {served['loading_seconds']:g} s, over {limits.max_loading_seconds:g}")
    return wrong


def _try(examples: str, model: str, limits: ServingLimits, tries: int) -> tuple[dict[str, Any], list[str]]:
    """Returns the measurements, empty if the model did not respond, and the faults."""
    data = read_value(RunFolder(Path(model)).data_file, DataInfo, PUT_BACK)
    with TemporaryDirectory() as temporary:
        queries = Path(temporary) / "images.npy"
        _write_queries(examples, RunFolder(Path(model)), queries)
        for number in range(1, tries + 1):
            served, wrong = _serve(model, queries, limits)
            if served:
                wrong = faults(served, limits, data.classes)
            if not wrong:
                break
            log("infra_validator", "failed", "WARNING", number=number, of=tries, reasons=wrong)
    return served, wrong


def _serve(model: str, queries: Path, limits: ServingLimits) -> tuple[dict[str, Any], list[str]]:
    command = [sys.executable, PROBE, str(Path(model) / SERVING), str(queries)]
    seconds = (limits.max_loading_seconds or 3600) + _QUERY_SECONDS
    try:
        with lifeline() as stdin:
            done = subprocess.run(
                command,
                stdin=stdin,
                capture_output=True,
                text=True,
                timeout=seconds,
                env={**os.environ, **LIFELINE},
            )
    except subprocess.TimeoutExpired:
        return {}, [f"it did not respond within {seconds:g} s"]
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing was printed"])[-1]
        return {}, [f"the serving process ended with {exit_in_words(done.returncode)}: {last}"]
    served: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return served, []


def _write_queries(examples: str, trained: RunFolder, path: Path) -> None:
    import numpy as np

    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from components.common.examples import open_test_split

    data = open_test_split(examples, trained, skip_corrupt=True)
    size = data.info.image_size
    images, _ = next(data.evaluation_batches("test", resolution=size, batch_size=QUERIES).as_numpy_iterator())
    # If there are fewer images than queries, they are repeated.
    np.save(path, np.resize(images, (QUERIES, *images.shape[1:])).astype(np.uint8))
