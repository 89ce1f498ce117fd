"""The files of each member side by side: exports and compressed files with size, accuracy and latency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scalenet_tf.compress.metrics import compressions
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import exported_formats
from scalenet_tf.run.exports import Format, export_folder, folder_bytes, model_file
from scalenet_tf.run.metrics import Metrics, Parity, read_metrics
from scalenet_tf.run.profile import Profile, read_profile


@dataclass(frozen=True)
class FileRow:
    """One file of a member, or the folder of its SavedModel.

    Attributes:
      member: Name of the member, such as "s0".
      kind: Export format, or compression method.
      path: Path in the run.
      size: Bytes on disk.
      relative_size: Size relative to the first file of the member.
      test_accuracy: Score on the test split, 0 to 1: of the compressed file itself, of the member for an
        export, whose predictions were compared with the member's.
      latency_ms: Median milliseconds for one image; None if not measured.
      threads: Threads of that measurement, 0 for one per core; None if not known.
      difference: Largest difference of a probability to the trained model; None if not recorded.
      compressed: Whether it is a compressed file.
    """

    member: str
    kind: str
    path: str
    size: int
    relative_size: float
    test_accuracy: float | None
    latency_ms: float | None
    threads: int | None
    difference: float | None
    compressed: bool


def file_rows(run: Run, family: Sequence[FamilyRow]) -> list[FileRow]:
    """Returns the files of every member, S0 first; exports before compressed files.

    Args:
      run: Any run.
      family: Rows of the run's family.
    """
    profile = read_profile(run)
    rows: list[FileRow] = []
    for row in family:
        metrics = read_metrics(run, row.stage)
        if metrics is not None:
            exports = list(_exports(run, row, metrics, profile))
            first = exports[0].size if exports else None
            rows += [*exports, *_compressed(run, row, first)]
    return rows


def _exports(run: Run, row: FamilyRow, metrics: Metrics, profile: Profile | None) -> Iterator[FileRow]:
    environment, first = metrics.environment, None
    timed = {(found.stage, found.format): found for found in profile.rows} if profile else {}
    for form in exported_formats(run, row.stage):
        folder = export_folder(run, row.stage, form)
        path = folder if form is Format.saved_model else model_file(folder, form)
        size = folder_bytes(folder)
        first = first or size
        latency, threads = None, None
        parity: Parity | None = (environment.formats or {}).get(str(form))
        if form is Format.saved_model:
            parity = environment.parity
            latency = row.latency_ms
            threads = environment.latency_threads.intra_op if environment.latency_threads else None
        timing = timed.get((row.stage, str(form)))
        profiled = timing.latency_ms[1].p50 if timing and 1 in timing.latency_ms else None
        # The table of the family may show the latency of a SavedModel's export instead.
        if profile and profiled is not None and (form is not Format.saved_model or profiled == latency):
            latency, threads = profiled, profile.device.threads
        yield FileRow(
            member=row.name,
            kind=str(form),
            path=str(path.relative_to(run.path)),
            size=size,
            relative_size=size / first if first else 1.0,
            test_accuracy=row.test_accuracy,
            latency_ms=latency,
            threads=threads,
            difference=parity.largest_difference if parity else None,
            compressed=False,
        )


def _compressed(run: Run, row: FamilyRow, first: int | None) -> Iterator[FileRow]:
    for metrics in compressions(run, row.stage):
        files = run.member_files(row.stage).compressed(metrics.method)
        yield FileRow(
            member=row.name,
            kind=metrics.method,
            path=str(files.model.relative_to(run.path)),
            size=metrics.bytes,
            relative_size=metrics.bytes / (first or metrics.plain.bytes),
            test_accuracy=metrics.test_accuracy,
            latency_ms=metrics.environment.latency_ms.get(1),
            threads=metrics.environment.latency_threads,
            difference=metrics.largest_difference,
            compressed=True,
        )
