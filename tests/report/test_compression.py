"""The table of compressed files, from their own figures."""

from __future__ import annotations

import shutil

from scalenet_tf.compress.metrics import CompressedMetrics, CompressionEnvironment, FileFigures
from scalenet_tf.compress.options import CompressOptions, check_method
from scalenet_tf.report import write_report
from scalenet_tf.report.compression import compression_rows
from scalenet_tf.run import Run
from scalenet_tf.run.provenance import provenance
from scalenet_tf.utils.value_file import write_value


def write_figures(run: Run, stage: int, method: str, size: int, milliseconds: float) -> None:
    plain = FileFigures(
        bytes=1000, gzip_bytes=900, validation_accuracy=0.9, test_accuracy=0.89, largest_difference=1e-6
    )
    own = {"bytes": size, "test_accuracy": 0.8765, "largest_difference": 0.02}
    metrics = CompressedMetrics(
        method=check_method(method),
        options=CompressOptions(),
        input="uint8",
        output="float32 logits",
        resolution=16,
        **dict(plain) | own,
        float=plain,
        provenance=provenance(run),
        environment=CompressionEnvironment.now(
            3.0,
            latency_ms={1: milliseconds, 32: 9.0},
            float_latency_ms={1: 0.5, 32: 10.0},
            latency_threads=1,
        ),
    )
    write_value(run.member_files(stage).compressed(method).metrics, metrics)


def test_rows_stand_beside_their_members_float_file(finished_run: Run) -> None:
    assert compression_rows(finished_run) == []
    write_figures(finished_run, 2, "qat-int8", 400, 0.25)
    write_figures(finished_run, 0, "prune", 600, 0.5)
    write_figures(finished_run, 0, "cluster", 900, 0.75)
    # What a killed process was writing is none, and neither is what others put there or moved away.
    folder = finished_run.member(0) / "compressed"
    shutil.copytree(folder / "prune", folder / "prune.old")
    for name in (".prune.12345.tmp", "ptq-int8"):
        (folder / name).mkdir()
    (folder / ".DS_Store").write_text("")
    rows = compression_rows(finished_run)
    assert [(row.member, row.method) for row in rows] == [
        *(("s0", "float32"), ("s0", "cluster"), ("s0", "prune")),
        *(("s2", "float32"), ("s2", "qat-int8")),
    ]
    assert [row.relative_size for row in rows] == [1, 0.9, 0.6, 1, 0.4]
    assert [row.relative_latency for row in rows] == [1, 1.5, 1, 1, 0.5]
    assert compression_rows(finished_run, 2) == rows[3:]


def test_the_report_shows_them(finished_run: Run) -> None:
    row = '<td class="text">prune</td>'
    assert row not in write_report(finished_run).path.read_text("utf-8")
    write_figures(finished_run, 0, "prune", 600, 0.5)
    page = write_report(finished_run).path.read_text("utf-8")
    for shown in (
        row,
        "<td>87.65 %</td>",
        "<td>600 B</td>",
        "<td>0.50 ms ¹</td>",
        "compressed/prune/model.tflite",
    ):
        assert shown in page, shown
