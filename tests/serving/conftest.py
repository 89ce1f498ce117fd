"""SavedModels of tiny networks, and real images."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data
from scalenet_tf.run import Run
from tests.helpers.made_once import made_once
from tests.helpers.stored import write_members
from tests.helpers.untrained import export


@pytest.fixture(scope="session")
def images() -> np.ndarray:
    """The first 40 validation images of the bundled set."""
    return load_data(DataConfig(source="bundled"), seed=0).validation.take(np.arange(40))


@pytest.fixture(scope="session")
def served_files(scratch_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the bundled images with two exported, untrained members; read it only, or copy it."""

    def make(path: Path) -> None:
        run = Run.open(shutil.copytree(scratch_files, path))
        first = run.family().member(0)
        write_members(run, first, first.model_copy(update={"name": "s1", "stage": 1}))
        for stage in (0, 1):
            export(run, stage, seed=stage)

    return made_once(tmp_path_factory, "served", make)


@pytest.fixture
def served_run(served_files: Path, tmp_path: Path) -> Run:
    """A copy of the run that a test may change."""
    return Run.open(shutil.copytree(served_files, tmp_path / "run"))


@pytest.fixture
def tiny_model(served_files: Path, tmp_path: Path) -> Path:
    """A copy of s0's SavedModel."""
    exported = served_files / "members" / "s0" / "saved_model" / "1"
    return Path(shutil.copytree(exported, tmp_path / "model" / "1"))


class Encoded(tf.Module):
    """Brightness of encoded images: a model whose one signature takes strings."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def answer(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        def brightness(encoded: tf.Tensor) -> tf.Tensor:
            return tf.reduce_mean(tf.cast(tf.io.decode_png(encoded, channels=1), tf.float32)) / 255

        values = tf.map_fn(brightness, image_bytes, fn_output_signature=tf.float32)[:, tf.newaxis]
        return {"probabilities": values, "labels": tf.fill(tf.shape(values), "bright")}


@pytest.fixture
def encoded_model(tmp_path: Path) -> Path:
    folder = tmp_path / "encoded" / "1"
    module = Encoded()
    tf.saved_model.save(module, str(folder), {"serving_bytes": module.answer})
    return folder
