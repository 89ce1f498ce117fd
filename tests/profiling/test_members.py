"""Exports measured in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.export import export_member
from scalenet_tf.profiling.members import profile_members
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format, export_folder, model_file
from scalenet_tf.utils import files
from tests.helpers.stored import record_export


@pytest.mark.parametrize(
    "others", [(Format.litert,), pytest.param((Format.keras, Format.litert), marks=pytest.mark.slow)]
)
def test_each_export_is_measured_and_recorded(exported_run: Run, others: tuple[Format, ...]) -> None:
    for form in others:
        export_member(exported_run, 0, form)
    result = CliRunner().invoke(app, ["profile", "members", "--run", str(exported_run.path)])
    assert result.exit_code == 0, result.output
    assert "saved_model" in result.stdout and "litert" in result.stdout
    profile = files.read_json(exported_run.path / "profile.json")
    assert profile["device"]["threads"] == 1
    assert profile["device"]["libraries"]["tensorflow"]
    saved_model, *_, litert = profile["rows"]
    assert [row["format"] for row in profile["rows"]] == ["saved_model", *others]
    for row in profile["rows"]:
        assert row["bytes"] > 0
        assert list(row["latency_ms"]) == ["1", "8", "32"]
        assert all(0 < time["p50"] <= time["p90"] for time in row["latency_ms"].values())
    # LiteRT's process never loads TensorFlow.
    assert 0 < litert["peak_memory"] < saved_model["peak_memory"] / 2
    file = model_file(export_folder(exported_run, 0, Format.litert), Format.litert)
    assert litert["bytes"] == file.stat().st_size


@pytest.mark.slow
def test_rows_of_the_same_device_are_kept_and_others_are_not(trained_run: Run) -> None:
    for form in (Format.litert, Format.litert_float16):
        export_member(trained_run, 0, form)
    profile_members(trained_run, formats=[Format.litert])
    both = profile_members(trained_run, formats=[Format.litert_float16])
    assert [row.format for row in both] == ["litert", "litert-float16"]
    alone = profile_members(trained_run, formats=[Format.litert], threads=2)
    assert [row.format for row in alone] == ["litert"]


def test_what_is_not_exported_names_the_command(trained_run: Run) -> None:
    with pytest.raises(
        ScaleNetError, match=r"exported as onnx. Export it with: scalenet export .* --format onnx"
    ):
        profile_members(trained_run, formats=[Format.onnx])
    with pytest.raises(ScaleNetError, match=r"`stage` must be some of the family's: \[0\]. Received: \[7\]"):
        profile_members(trained_run, stages=[7])


def test_a_damaged_file_is_named(trained_run: Run) -> None:
    file = model_file(export_folder(trained_run, 0, Format.litert), Format.litert)
    files.write_bytes(file, b"torn")
    record_export(trained_run, Format.litert)
    with pytest.raises(ScaleNetError, match=r"s0 as litert could not be measured: .*export it again with: "):
        profile_members(trained_run)
    assert not (trained_run.path / "profile.json").exists()


def test_the_measuring_process_of_other_formats_loads_no_tensorflow() -> None:
    code = (
        "import sys, json, scalenet_tf.profiling.child\n"
        "print(json.dumps(sorted({'tensorflow', 'keras'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
