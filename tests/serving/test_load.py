"""Every member of a family in one process that has TensorFlow alone, by the module that users run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.export.saved_model import write_saved_model
from scalenet_tf.extrapolation.step import write_family
from scalenet_tf.members.initial_weights import copy_recalibrated_weights, initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.serving.load import check
from scalenet_tf.space import Subnet
from scalenet_tf.utils.files import read_json
from tests.helpers.watched_signatures import watch_signatures


def load_all(*runs: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Not in the checkout: only the folders of the SavedModels are there to be read.
    command = [sys.executable, "-m", "scalenet_tf.serving.load", *map(str, runs)]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=300, check=False
    )


def write_member(run: Path, stage: int, model: keras.Model) -> None:
    labels = [f"class {number}" for number in range(model.output_shape[1])]
    write_saved_model(model, labels, run / "members" / f"s{stage}" / "saved_model" / "1")


@pytest.fixture(scope="module")
def exported(searched_files: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A grey family, S1 from the super-supernet and S3 extrapolated; a colour model of 3 classes."""
    folder = tmp_path_factory.mktemp("exported")
    run = Run.open(shutil.copytree(searched_files, folder / "grey"))
    write_family(run)
    subnets = {m["stage"]: Subnet.model_validate(m["subnet"]) for m in read_json(run.family_file)["members"]}
    searched, extrapolated = build_model(subnets[1]), build_model(subnets[3])
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1), np.uint8)
    space = load_space(str(run.space_file)).for_data(channels=1, classes=10)
    copy_recalibrated_weights(SuperSupernet(space, seed=3), searched, subnets[1], images, batch_size=20)
    initialize(extrapolated, 0, 3)
    write_member(run.path, 1, searched)
    write_member(run.path, 3, extrapolated)
    colour = build_model(subnets[0].model_copy(update={"channels": 3, "classes": 3}))
    initialize(colour, 0, 0)
    write_member(folder / "colour", 0, colour)
    return run.path, folder / "colour"


@pytest.mark.slow
def test_every_model_answers_where_tensorflow_is_alone(exported: tuple[Path, Path], tmp_path: Path) -> None:
    done = load_all(*exported, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    pattern = r"(.*): (\w+ \w+ \[.*\]): right, first call \d+ ms"
    found = [re.fullmatch(pattern, line) for line in done.stdout.splitlines()]
    grey, colour = exported
    assert [match and match.groups() for match in found] == [
        (str(run / f"members/s{stage}/saved_model/1"), f"{call} [{batch}, 47, 61, {channels}]")
        for run, stage, channels in ((grey, 1, 1), (grey, 3, 1), (colour, 0, 3))
        for call in ("serving_default uint8", "serving_float float32")
        for batch in (32, 1)
    ]


@pytest.mark.slow
def test_a_model_that_answers_otherwise_is_named_and_the_others_are_still_asked(
    exported: tuple[Path, Path], tmp_path: Path
) -> None:
    class Wrong(tf.Module):
        """Its probabilities sum to 2."""

        @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, name="images")])
        def answer(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
            count = tf.shape(images)[0]
            return {
                "probabilities": tf.ones([count, 2]),
                "class_ids": tf.tile([[0, 1]], [count, 1]),
                "labels": tf.fill([count, 2], "a"),
            }

    wrong = Wrong()
    broken = tmp_path / "broken" / "members"
    tf.saved_model.save(wrong, str(broken / "s0/saved_model/1"), {"serving_default": wrong.answer})
    torn = broken / "s1/saved_model/1/saved_model.pb"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"torn")
    done = load_all(tmp_path / "broken", exported[1], cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "s0/saved_model/1: ValueError: serving_default uint8 [32, 47, 61, 3]: the probabil" in lines[0]
    assert re.search(r"s1/saved_model/1: \w+Error: ", done.stdout)
    assert sum(": right, " in line for line in lines) == 4


def test_answers_are_compared_in_whole_float32(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch_signatures(monkeypatch)
    assert len(list(check(tiny_model))) == len(seen) == 4
    assert not any(seen) and tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.slow
def test_a_run_without_models_names_the_command(tmp_path: Path) -> None:
    done = load_all(tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.endswith(f"Export them with: scalenet export --run {tmp_path}\n")
