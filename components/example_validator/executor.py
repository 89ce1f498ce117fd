"""Checks every record of a data set, and fails if there are anomalies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import ANOMALIES, EXAMPLES
from components.common.lineage import Lineage
from components.common.log import log
from components.common.outcome import Outcome
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils import files

_FILE = "anomalies.json"


def validate(
    *,
    examples: str,
    anomalies: str,
    smallest_class: int = 2,
    largest_imbalance: float = 100.0,
    most_corrupt: int = 0,
    most_leaks: int = 0,
) -> Outcome:
    """Writes anomalies.json; see the component.

    Raises:
      ScaleNetError: If there are anomalies, with one line for each, after anomalies.json has been written.
    """
    given = read_artifact("examples", examples, [EXAMPLES])
    limits = {
        "smallest_class": smallest_class,
        "largest_imbalance": largest_imbalance,
        "most_corrupt": most_corrupt,
        "most_leaks": most_leaks,
    }
    lineage = Lineage(
        "example_validator", {"examples": as_input(examples, given)}, limits, given["data_digest"]
    )
    metadata = produce(anomalies, ANOMALIES, lineage, lambda folder: _look(folder, examples, given, limits))
    found = files.read_json(Path(anomalies) / _FILE)
    for line in found.get("notes", []):  # Earlier versions wrote none.
        log("example_validator", "note", "WARNING", text=line)
    if found["anomalies"]:
        for line in found["anomalies"]:
            log("example_validator", "anomaly", "ERROR", text=line)
        listed = "\n".join(f"  - {line}" for line in found["anomalies"])
        raise InvalidInputError(
            f"`examples` {examples!r} must not be trained on; {len(found['anomalies'])} things are wrong:\n"
            f"{listed}\nMend the source and run again, or raise ExampleValidator's limits "
            "(python -m pipelines: --min-class-images, --max-imbalance, --max-corrupt, --max-leaks). "
            "A class that train lacks needs images."
        )
    images = {f"images_{split}": float(count) for split, count in found["images"].items()}
    return Outcome(metadata, {**images, "corrupt": len(found["corrupt"]), "leaks": len(found["leaks"])})


def _look(folder: Path, examples: str, given: dict[str, Any], limits: dict[str, Any]) -> Made:
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from components.example_validator.findings import DataLimits, anomalies, look, notes
    from scalenet_tf.data.sources.tfrecord import read_labels

    labels = list(read_labels(examples))
    found = look(Path(examples), given["images"], len(labels))
    wrong = anomalies(found, labels, DataLimits(**limits))
    value = {
        "schema": 1,
        "anomalies": wrong,
        "notes": notes(found, labels),
        "images": found.images,
        "classes": {
            split: dict(zip(labels, map(int, counts), strict=True)) for split, counts in found.counts.items()
        },
        "corrupt": found.corrupt,
        "leaks": found.leaks,
        "repeated_within_a_split": found.repeated,
    }
    path = files.write_json(folder / _FILE, value)
    return Made({_FILE: path}, {"anomalies": len(wrong)})
