"""The files of each member, side by side."""

from __future__ import annotations

from scalenet_tf.costs.device import describe_device
from scalenet_tf.report.exported_files import file_rows
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.run.profile import CallTimes, MemberProfile, Profile
from scalenet_tf.run.provenance import Environment
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.stored import record_export
from tests.report.test_compression import write_figures


def test_exports_stand_before_compressed_files(finished_run: Run) -> None:
    files.write_bytes(finished_run.member_files(1).saved_model / "variables", b"x" * 2000)
    files.write_bytes(finished_run.member_files(1).export("litert") / "model.tflite", b"x" * 1000)
    record_export(finished_run, Format.litert, 1)
    write_figures(finished_run, 1, "ptq-int8", 500, 0.25)
    rows = [row for row in file_rows(finished_run, family_rows(finished_run)) if row.member == "s1"]
    assert [(row.kind, row.size, row.relative_size) for row in rows] == [
        *(("saved_model", 2000, 1.0), ("litert", 1000, 0.5)),
        ("ptq-int8", 500, 0.25),
    ]
    assert [row.latency_ms for row in rows] == [2.5, None, 0.25]
    assert [row.test_accuracy for row in rows] == [0.8534, 0.8534, 0.8765]
    assert [row.compressed for row in rows] == [False, False, True]
    assert rows[1].path == "members/s1/litert/1/model.tflite"


def test_formats_are_timed_by_the_profile(finished_run: Run) -> None:
    files.write_bytes(finished_run.member_files(0).export("litert") / "model.tflite", b"x")
    record_export(finished_run, Format.litert)
    times = {1: CallTimes(p50=0.75, p90=0.9, calls=9), 32: CallTimes(p50=9.0, p90=9.5, calls=9)}
    row = MemberProfile(stage=0, format="litert", bytes=1, latency_ms=times, peak_memory=1)
    device = describe_device(1)
    write_value(
        finished_run.profile_file, Profile(device=device, rows=(row,), environment=Environment.now(1.0))
    )
    [saved, litert, *_] = file_rows(finished_run, family_rows(finished_run))
    assert saved.threads is None
    assert (litert.kind, litert.latency_ms, litert.threads) == ("litert", 0.75, 1)


def test_a_latency_of_the_profile_has_its_threads(finished_run: Run) -> None:
    rows = [
        MemberProfile(
            stage=stage,
            format="saved_model",
            bytes=1,
            latency_ms={1: CallTimes(p50=0.5, p90=0.9, calls=9)},
            peak_memory=1,
        )
        for stage in range(4)
    ]
    device, environment = describe_device(1), Environment.now(1.0)
    for profiled, expected in ((rows[:1], (1.25, None)), (rows, (0.5, 1))):
        profile = Profile(device=device, rows=tuple(profiled), environment=environment)
        write_value(finished_run.profile_file, profile)
        [saved, *_] = file_rows(finished_run, family_rows(finished_run))
        assert saved.kind == "saved_model" and (saved.latency_ms, saved.threads) == expected
