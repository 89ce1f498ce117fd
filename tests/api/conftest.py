from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from tests.helpers.image_sets import random_images


@pytest.fixture
def write_photos(tmp_path: Path) -> Path:
    """A folder of 2 classes with 20 colour images of 20 pixels each."""
    for number, label in enumerate(("cat", "dog")):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for i, image in enumerate(random_images(20, channels=3, seed=number, size=(20, 20))):
            (tmp_path / "photos" / label / f"{i}.png").write_bytes(tf.io.encode_png(image).numpy())
    return tmp_path / "photos"
