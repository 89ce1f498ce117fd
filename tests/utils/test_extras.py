"""Extras that are not installed: named before TensorFlow is loaded, and nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format, check_runtime, check_writer
from scalenet_tf.utils.extras import check_installed

ABSENT = """
import sys
packages = sys.argv[1].split(",")
sys.modules |= dict.fromkeys(packages)
sys.argv = ["scalenet", *sys.argv[2:]]
from scalenet_tf.cli.main import main
try:
    main()
finally:
    assert "tensorflow" not in sys.modules
"""


@pytest.mark.parametrize(
    ("package", "extra", "command"),
    [
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
    ],
)
def test_a_missing_extra_is_told_first_and_nothing_is_left(
    package: str, extra: str, command: str, finished_run: Run, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    places = {"RUN": str(finished_run.path), "NEW": str(tmp_path / "new")}
    words = [places.get(word, word) for word in command.split()]
    result = subprocess.run(
        [sys.executable, "-c", ABSENT, package, *words], capture_output=True, text=True, cwd=tmp_path
    )
    assert result.returncode == 2, result.stderr
    assert f'pip install "scalenet-tf[{extra}]"' in result.stderr and "Traceback" not in result.stderr
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
