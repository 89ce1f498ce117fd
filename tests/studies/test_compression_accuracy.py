"""The table of the study of compressed accuracies."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.utils import files
from studies.compression_accuracy import markdown


def test_the_table_is_of_the_seeds_that_are_there(tmp_path: Path) -> None:
    for seed, (accuracy, milliseconds) in enumerate([(0.89, 0.5), (0.92, 0.7), (0.90, 2.0)]):
        metrics = {
            "test_accuracy": accuracy,
            "bytes": 50 + seed,
            "float": {"test_accuracy": 0.9, "bytes": 100},
            "environment": {
                "latency_ms": {"1": milliseconds, "32": 10 * milliseconds},
                "float_latency_ms": {"1": 1.0},
            },
        }
        files.write_json(tmp_path / f"seed{seed}/members/s2/compressed/ptq-int8/metrics.json", metrics)
    _, _, plain, compressed = markdown(tmp_path, ["ptq-int8", "qat-int8"]).splitlines()
    assert plain.startswith("| S2 | float | 3 | 90.00% |")
    cells = "| S2 | ptq-int8 | 3 | 90.33% | -1.00, +2.00, +0.00 | 51.0% | 0.7000 ms | 0.70 | 7.000 ms |"
    assert compressed == cells
