"""The table of the study of compressed accuracies."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.compress.metrics import CompressedMetrics, CompressionEnvironment, FileFigures
from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.run import Run
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import provenance
from scalenet_tf.utils.value_file import write_value
from studies.compression_accuracy import markdown


def test_the_table_covers_the_seeds_that_are_done(family_run: Run, tmp_path: Path) -> None:
    (tmp_path / "seed3").mkdir()
    for seed, (accuracy, milliseconds) in enumerate([(0.89, 0.5), (0.92, 0.7), (0.90, 2.0)]):
        others = {"gzip_bytes": 40, "validation_accuracy": 0.5, "largest_difference": 0.1}
        metrics = CompressedMetrics(
            method="ptq-int8",
            options=CompressOptions(),
            input="uint8",
            output="float32 logits",
            resolution=16,
            bytes=50 + seed,
            test_accuracy=accuracy,
            float=FileFigures(bytes=100, test_accuracy=0.9, **others),
            provenance=provenance(family_run),
            environment=CompressionEnvironment.now(
                1.0,
                latency_ms={1: milliseconds, 32: 10 * milliseconds},
                float_latency_ms={1: 1.0},
                latency_threads=1,
            ),
            **others,
        )
        run = RunFolder(tmp_path / f"seed{seed}")
        write_value(run.member_files(2).compressed("ptq-int8").metrics, metrics)
    _, _, plain, compressed = markdown(tmp_path, ["ptq-int8", "qat-int8"]).splitlines()
    assert plain.startswith("| S2 | float | 3 | 90.00% |")
    cells = "| S2 | ptq-int8 | 3 | 90.33% | -1.00, +2.00, +0.00 | 51.0% | 0.7000 ms | 0.70 | 7.000 ms |"
    assert compressed == cells
