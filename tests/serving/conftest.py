"""SavedModels of tiny networks, and real images."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data


@pytest.fixture(scope="session")
def images() -> np.ndarray:
    """The first 40 validation images of the bundled set."""
    return load_data(DataConfig(source="bundled"), seed=0).validation.take(np.arange(40))


@pytest.fixture
def tiny_model(exported_files: Path, tmp_path: Path) -> Path:
    """The exported member of the tiny run, without warm-up requests; a copy that a test may change."""
    exported = exported_files / "members" / "s0" / "saved_model" / "1"
    bare = shutil.ignore_patterns("assets.extra")
    return Path(shutil.copytree(exported, tmp_path / "model" / "1", ignore=bare))


class Encoded(tf.Module):
    """Brightness of encoded images: a model whose one signature takes strings."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
    def answer(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        def brightness(encoded: tf.Tensor) -> tf.Tensor:
            return tf.reduce_mean(tf.cast(tf.io.decode_png(encoded, channels=1), tf.float32)) / 255

        return {"probabilities": tf.map_fn(brightness, image_bytes, fn_output_signature=tf.float32)}


@pytest.fixture
def encoded_model(tmp_path: Path) -> Path:
    folder = tmp_path / "encoded" / "1"
    module = Encoded()
    tf.saved_model.save(module, str(folder), {"serving_bytes": module.answer})
    return folder
