"""A member's way through the command line: retrain, export, evaluate, predict, each in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from scalenet_tf.run import Run
from scalenet_tf.utils import files
from tests.helpers import called
from tests.helpers.lock_holder import held


def scalenet(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scalenet_tf.cli", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == code, result.stderr
    return result


def test_predict_needs_an_exported_member(
    family_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "shoe.png"
    image.write_bytes(tf.io.encode_png(tf.zeros([28, 28, 1], tf.uint8)).numpy())
    words = ("predict", str(image), "--run", str(family_run.path), "--stage", "0")
    assert called.scalenet(monkeypatch, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("scalenet: the member s0 of")
    assert f"scalenet export --run {family_run.path} --stage 0" in error


@pytest.mark.slow
def test_a_member_is_trained_exported_and_used(family_run: Run, tmp_path: Path) -> None:
    family_run.data_file.unlink()  # facts of made-up images
    config = family_run.config_file.read_text()
    assert config.count("start: auto") == 1  # from scratch it needs no super-supernet
    family_run.config_file.write_text(config.replace("start: auto", "start: scratch"))
    member = ("--run", str(family_run.path), "--stage", "S3")
    assert scalenet("retrain", *member).stdout.endswith(
        f"next: scalenet export --run {family_run.path} --stage 3\n"
    )
    assert scalenet("export", *member).stderr == ""  # None of TensorFlow's C++ log either.
    assert (family_run.member(3) / "saved_model" / "1" / "saved_model.pb").is_file()

    answer = json.loads(scalenet("evaluate", *member, "--json").stdout)["result"]
    metrics = files.read_json(family_run.member(3) / "metrics.json")
    expected = {"stage": 3, "split": "test", "file": None, "images": 4000, "skipped": 0}
    accuracy = {"accuracy": pytest.approx(metrics["test_accuracy"])}
    assert answer.items() >= {**expected, **accuracy}.items()
    validation = scalenet("evaluate", *member, "--split", "validation").stdout
    assert validation == f"S3 on bundled (validation): {metrics['validation_accuracy']:.2%} of 1,000 images\n"

    asked = scalenet("evaluate", *member, "--file", "saved_model", "--json").stdout
    same = {**expected, "file": "saved_model", "accuracy": pytest.approx(answer["accuracy"])}
    assert json.loads(asked)["result"].items() >= same.items()

    image = tmp_path / "image.png"
    image.write_bytes(tf.io.encode_png(tf.ones([40, 33, 1], tf.uint8)).numpy())
    answer = json.loads(scalenet("predict", str(image), *member, "--top", "2", "--json").stdout)
    (prediction,) = answer["result"]
    assert prediction["image"] == str(image)
    assert len(prediction["labels"]) == 2
    assert 0 <= prediction["probabilities"][1] <= prediction["probabilities"][0] <= 1
    text = scalenet("predict", str(image), *member, "--top", "1").stdout
    assert text.startswith(f"{image}: {prediction['labels'][0]} ")


def test_paths_that_are_not_there_are_told_at_once(family_run: Run) -> None:
    code = (
        "import sys; sys.argv = ['scalenet', *sys.argv[1:]]; from scalenet_tf.cli.main import main\n"
        "try: main()\nexcept SystemExit as end: print(end.code, 'tensorflow' in sys.modules)"
    )

    def answer(*words: str) -> tuple[str, str]:
        result = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
        return result.stdout.splitlines()[-1], result.stderr

    run, stage = ("--run", str(family_run.path)), ("--stage", "0")
    ended, error = answer("predict", "nofile.jpg", *run, *stage)
    assert ended == "2 False" and "There is no file or folder" in error and "nofile.jpg" in error
    ended, error = answer("evaluate", *run, *stage, "--file", "onnxx")
    assert ended == "2 False" and "Did you mean 'onnx'?" in error
    ended, error = answer("run", "--run", "runs/none", "--data", "fotos")
    assert ended == "2 False" and "There is no folder" in error and "fotos" in error


def test_a_search_says_who_trains_the_super_supernet(family_run: Run) -> None:
    family_run.search_result_file.unlink()
    family_run.supernet_done_file.unlink(missing_ok=True)
    words = ("search", "--run", str(family_run.path))
    assert "is not trained yet. Train it with: scalenet train" in scalenet(*words, code=2).stderr
    with held(family_run.path / ".locks" / "train") as process:
        assert f"is being trained by process {process.pid} on" in scalenet(*words, code=2).stderr
