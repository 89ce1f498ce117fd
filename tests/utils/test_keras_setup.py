from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.tf_setup import check_keras


@pytest.mark.parametrize(
    ("change", "back", "text"),
    [
        (
            lambda: keras.config.set_image_data_format("channels_first"),
            lambda: keras.config.set_image_data_format("channels_last"),
            r"Keras' image data format must be channels_last\. Received: channels_first",
        ),
        (
            lambda: keras.config.set_floatx("float16"),
            lambda: keras.config.set_floatx("float32"),
            r"Keras' floatx must be float32\. Received: float16",
        ),
    ],
)
def test_what_networks_cannot_be_built_with_is_refused(
    change: Callable[[], None], back: Callable[[], None], text: str
) -> None:
    change()
    try:
        with pytest.raises(ScaleNetError, match=text):
            check_keras()
    finally:
        back()
    check_keras()


@pytest.mark.parametrize("place", ["KERAS_BACKEND", "keras.json"])
def test_another_backend_is_refused_in_python(tmp_path: Path, place: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    if place == "KERAS_BACKEND":
        environment |= {"KERAS_BACKEND": "jax"}
    else:
        (tmp_path / "keras.json").write_text('{"backend": "jax"}')
        environment |= {"KERAS_HOME": str(tmp_path)}
    code = "import scalenet_tf as sn; sn.forecast_family('bundled', config='smoke')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Keras' backend must be tensorflow. Received: jax" in done.stderr, done.stderr


def test_the_command_has_the_backend_that_it_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scalenet_tf.cli", "info", "data", "bundled"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
