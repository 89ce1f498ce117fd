"""Extras that are not installed: named before TensorFlow is loaded, and nothing is left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format, check_runtime, check_writer
from scalenet_tf.utils.extras import check_installed, require

CASES = [
    ("ai_edge_litert", "export", "export --run RUN --format litert"),
    ("ai_edge_litert", "export", "export --run RUN --format litert-float16 --stage S1"),
    ("tf2onnx", "export", "export --run RUN --format saved_model --format onnx"),
    ("onnxruntime", "export", "evaluate --run RUN --stage 0 --file onnx"),
    ("ai_edge_litert", "export", "evaluate --run RUN --stage 0 --file qat-int8"),
    ("ai_edge_litert", "export", "compress --run RUN --stage 0 --method ptq-int8"),
    ("onnxruntime", "export", "profile members --run RUN --format onnx"),
    ("tensorflow_serving", "serving", "serve-files --run RUN --output NEW"),
    ("tensorflow_serving", "serving", "serve-check --run RUN --model s0 --target localhost:1"),
    ("mlflow", "mlflow", "run --run NEW --config smoke --set tracking=mlflow"),
    ("optuna", "optuna", "train --run NEW --config smoke --set tracking=[tensorboard,optuna]"),
    ("kfp", "pipelines", "pipelines run-local --config smoke --root NEW"),
    ("kfp", "pipelines", "pipelines compile --target kubeflow --output NEW"),
    ("google_cloud_pipeline_components", "vertex", "pipelines compile --target vertex --output NEW"),
]
# Calls the command for each (package that is absent, words) of stdin, in a process without TensorFlow.
COMMANDS = """
import json, sys
from scalenet_tf.cli.main import main
for package, words in json.load(sys.stdin):
    sys.modules[package] = None
    sys.argv = ["scalenet", *words]
    print(f"== {package}", file=sys.stderr)
    try:
        main()
    except SystemExit as end:
        print(end.code)
    del sys.modules[package]
    assert "tensorflow" not in sys.modules
"""


def test_a_package_that_is_broken_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "brokenpackage").mkdir()
    (tmp_path / "brokenpackage" / "__init__.py").write_text("raise ImportError('libgone.so: no such file')")
    monkeypatch.syspath_prepend(str(tmp_path))
    text = r"'brokenpackage', which is installed but cannot be imported \(libgone.so: no such file\)"
    with pytest.raises(ScaleNetError, match=text):
        require("brokenpackage.part", "export", "the format x")


def test_a_missing_extra_is_told_first_and_nothing_is_left(finished_run: Run, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    places = {"RUN": str(finished_run.path), "NEW": str(tmp_path / "new")}
    calls = [[package, [places.get(word, word) for word in words.split()]] for package, _, words in CASES]
    result = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["2"] * len(CASES)
    errors = result.stderr.split("== ")[1:]
    for (package, extra, words), error in zip(CASES, errors, strict=True):
        assert error.startswith(f"{package}\n") and f'pip install "scalenet-tf[{extra}]"' in error, words
        assert error.count("\n") == 2, error
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_installed_passes() -> None:
    check_installed("numpy", "none", "a test")
    check_runtime(Format.keras)
    check_writer(Format.saved_model)


def test_a_run_with_a_tracker_that_is_missing_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ScaleNetError, match=r"`tracking: mlflow` needs the package 'mlflow'"):
        Run.open_or_create(tmp_path / "r", load_config("smoke", ["tracking=mlflow"]))
    assert not (tmp_path / "r").exists()
