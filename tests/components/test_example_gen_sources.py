"""ExampleGen keeps the splits of a source, and what it declares about its images."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from components.common.runs import open_run
from components.example_gen import executor as example_gen
from components.example_gen.conversion import with_channels
from scalenet_tf.config import DataConfig, load_config
from scalenet_tf.data import load_data
from scalenet_tf.utils import files
from tests.helpers.image_sets import random_images
from tests.helpers.tfds_files import write_tfds


def encoded(channels: int, jpeg: bool = False, seed: int = 0) -> bytes:
    pixels = random_images(1, channels=channels, seed=seed)[0]
    return bytes((tf.io.encode_jpeg if jpeg else tf.io.encode_png)(pixels).numpy())


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A TFDS set of colour with a grey JPEG, and with three splits."""
    features = {"image": tfds.features.Image(), "label": tfds.features.ClassLabel(names=["cat", "dog"])}
    images = [(encoded(1 if k == 7 else 3, k == 7, k), k % 2) for k in range(24)]
    splits = {"train": images[:12], "validation": images[12:18], "test": images[18:]}
    write_tfds(tmp_path / "sets", "photos", features, splits)
    return load_config("smoke", ["data.source=tfds:photos", f"data.data_dir={tmp_path / 'sets'}"]).to_yaml()


def test_grey_among_colour_is_written_as_colour_in_the_splits_of_the_source(
    tmp_path: Path, source: str
) -> None:
    examples = str(tmp_path / "examples")
    example_gen.generate(examples=examples, config=source)
    data = load_data(DataConfig(source=f"tfrecord:{examples}"), seed=0)
    assert (data.info.channels, data.info.skipped) == (3, 0)
    assert data.info.counts == {"train": 12, "validation": 6, "test": 6}


def test_the_run_reads_the_validation_split_that_was_written(tmp_path: Path, source: str) -> None:
    examples, text = str(tmp_path / "examples"), source.replace("validation: own", "validation: train")
    assert text != source
    example_gen.generate(examples=examples, config=text)
    images = files.read_json(Path(examples) / "artifact.json")["images"]
    assert images == {"train": 10, "eval": 2, "test": 6}
    config = load_config("smoke", ["data.validation=train", "data.source=bundled"])
    opened = open_run(tmp_path / "run", config, examples, {})
    assert load_data(opened.config.data, 0).info.counts == {"train": 10, "validation": 2, "test": 6}


def test_only_images_of_other_channels_are_converted() -> None:
    colour, grey = encoded(3), encoded(1, jpeg=True)
    for image, channels in ((colour, None), (colour, 3), (grey, 1), (b"no image", 3), (b"\xff\xd8\xff", 3)):
        assert with_channels(image, channels) == image
    assert tf.io.decode_image(with_channels(grey, 3)).shape == (12, 12, 3)
    assert tf.io.decode_image(with_channels(colour, 1)).shape == (12, 12, 1)
