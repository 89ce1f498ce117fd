"""What a set of TensorFlow Datasets declares is obeyed, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from scalenet_tf.config import DataConfig, load_config
from scalenet_tf.data import DataSet, load_data, load_new_data
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_sets import random_images
from tests.helpers.tfds_files import Example, write_tfds

LABEL = tfds.features.ClassLabel(names=["cat", "dog"])


def images(
    count: int, channels: int = 3, classes: int = 2, seed: int = 0, grey: tuple[int, ...] = ()
) -> list[Example]:
    """PNG files of `channels`; those at the positions `grey` are grey JPEG files."""

    def encoded() -> Iterator[bytes]:
        for number, pixels in enumerate(random_images(count, channels=channels, seed=seed)):
            if number in grey:
                yield tf.io.encode_jpeg(pixels[..., :1], quality=100).numpy()
            else:
                yield tf.io.encode_png(pixels).numpy()

    return [(image, number % classes) for number, image in enumerate(encoded())]


def load(name: str, data_dir: Path, **changes: object) -> DataSet:
    values = {"source": f"tfds:{name}", "data_dir": str(data_dir)}
    return load_data(DataConfig.model_validate(values | changes), seed=0)


def refused(match: str, name: str, data_dir: Path) -> None:
    with pytest.raises(ScaleNetError, match=match):
        load(name, data_dir)


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_a_grey_jpeg_in_a_set_of_colour_has_three_equal_channels(tmp_path: Path, gigabytes: float) -> None:
    features = {"image": tfds.features.Image(encoding_format="jpeg"), "label": LABEL}
    write_tfds(tmp_path, "photos", features, {"train": images(40, grey=(3, 17))})
    data = load("photos", tmp_path, cache_gigabytes=gigabytes)
    assert data.info.channels == 3
    assert sum(data.info.counts.values()) == 40
    found = {
        pixels.tobytes(): pixels
        for split in ("train", "validation", "test")
        for batch, _ in data.evaluation_batches(split, resolution=12, batch_size=9)
        for pixels in batch.numpy()
    }
    grey = [pixels for pixels in found.values() if (pixels == pixels[..., :1]).all()]
    assert len(grey) == 2
    builder = tfds.builder("photos", data_dir=str(tmp_path))
    for example in tfds.as_numpy(builder.as_dataset("train")):
        assert example["image"].astype(np.float32).tobytes() in found  # as TFDS itself decodes them


def test_colour_in_a_set_of_grey_is_grey(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(shape=(None, None, 1)), "label": LABEL}
    write_tfds(tmp_path, "scans", features, {"train": images(20), "test": images(4, seed=1)})
    data = load("scans", tmp_path)
    assert data.info.channels == 1
    assert load_new_data(DataConfig(source="tfds:scans", data_dir=str(tmp_path))).info.channels == 1


@pytest.mark.parametrize("dtype", ["float32", "uint16"])
def test_images_of_another_dtype_are_refused_by_name(tmp_path: Path, dtype: str) -> None:
    shape = (12, 12, 1)
    features = {"image": tfds.features.Image(shape=shape, dtype=np.dtype(dtype)), "label": LABEL}
    write_tfds(tmp_path, "xray", features, {"train": images(20, channels=1)})
    refused(
        rf"tfds:xray must have images of dtype uint8.* feature 'image' has dtype {dtype}", "xray", tmp_path
    )


def test_another_file_format_is_refused_by_name(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    write_tfds(tmp_path, "arrays", features, {"train": images(20)}, suffix="array_record")
    refused(
        r"tfds:arrays must be stored as tfrecord.* format array_record.*convert_format", "arrays", tmp_path
    )


def test_the_only_image_and_label_need_no_supervised_keys(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    write_tfds(tmp_path, "plain", features, {"train": images(20)}, keys=None)
    assert load("plain", tmp_path).info.labels == ("cat", "dog")


def test_several_images_without_supervised_keys_are_refused(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "depth": tfds.features.Image(), "label": LABEL}
    write_tfds(tmp_path, "pairs", features, {"train": images(20)}, keys=None)
    refused(
        r"one image and one class label per example\. .*features are: .*depth.*supervised keys: None",
        "pairs",
        tmp_path,
    )


def test_labels_that_are_no_classes_are_refused(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": tfds.features.Scalar(np.int64)}
    write_tfds(tmp_path, "ages", features, {"train": images(20)})
    refused(r"one image and one class label per example\. .*image, label", "ages", tmp_path)


def test_compressed_records_are_refused_by_name(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    folder = write_tfds(tmp_path, "packed", features, {"train": images(20)})
    [shard] = folder.glob("packed-train*")
    content = [bytes(record.numpy()) for record in tf.data.TFRecordDataset(str(shard))]
    with tf.io.TFRecordWriter(str(shard), "GZIP") as writer:
        for record in content:
            writer.write(record)
    refused(r"packed-train\.tfrecord-00000-of-00001' is compressed \(gzip\)", "packed", tmp_path)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("mnist[train]", r"without a split.*Received: 'mnist\[train\]'"),
        ("mnist/abc", r"Received: 'mnist/abc'.* mnist has no configurations: give tfds:mnist\."),
        (
            "imagenet2012_subset/1pc",
            r"Configurations of imagenet2012_subset: 1pct, 10pct\. Did you mean '1pct'\?",
        ),
        ("mnist:9.9.9", r"Received: 'mnist:9\.9\.9'.* only: 3\.0\.1"),
        ("mnist/x/y=3", r"Received: 'mnist/x/y=3'"),
        ("../mnist", r"Received: '\.\./mnist'"),
    ],
)
def test_names_that_tfds_does_not_take_are_readable_errors(tmp_path: Path, name: str, match: str) -> None:
    refused(match, name, tmp_path)
    with pytest.raises(ScaleNetError) as error:
        load(name, tmp_path)
    assert len(str(error.value)) < 1000


def test_own_validation_and_test_splits_are_used_as_what_they_are(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    splits = {
        "train": images(20),
        "validation": images(6, seed=1),
        "test": images(8, seed=2),
        "extra": images(4, seed=3),
    }
    write_tfds(tmp_path, "three", features, splits)
    data = load("three", tmp_path)
    assert data.info.counts == {"train": 20, "validation": 6, "test": 8}
    assert data.places == {
        "train": "split 'train'",
        "validation": "split 'validation'",
        "test": "split 'test'",
    }
    assert load("three", tmp_path, validation="train").info.counts == {
        "train": 18,
        "validation": 2,
        "test": 8,
    }


def test_a_set_with_a_test_split_alone_can_be_evaluated(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    write_tfds(tmp_path, "later", features, {"test": images(6)})
    assert load_new_data(DataConfig(source="tfds:later", data_dir=str(tmp_path))).examples("test").count == 6
    refused(r"tfds:later must have a train split\. It has only: split 'test'", "later", tmp_path)


def test_the_configuration_imagenet_starts_on_the_layout_of_imagenet(tmp_path: Path) -> None:
    """1,000 classes, sizes that differ, grey among colour, and a test split without labels."""
    features = {
        "image": tfds.features.Image(encoding_format="jpeg"),
        "label": tfds.features.ClassLabel(
            names=list(tfds.builder_cls("imagenet2012")().info.features["label"].names)
        ),
    }
    unlabelled = [(image, -1) for image, _ in images(4, seed=3)]
    splits = {
        "train": images(2000, classes=1000, grey=(5, 900)),
        "validation": images(1000, classes=1000, seed=2),
        "test": unlabelled,
    }
    write_tfds(tmp_path, "imagenet2012", features, splits, version="5.1.0")
    config = load_config("imagenet", [f"data.data_dir={tmp_path}", "data.image_size=16"])
    data = load_data(config.data, config.seed)
    assert (data.info.classes, data.info.channels, data.info.skipped) == (1000, 3, 0)
    assert data.info.counts == {"train": 1000, "validation": 1000, "test": 1000}
    assert data.places["test"] == "split 'validation'"


def test_labels_counted_from_one_are_told(tmp_path: Path) -> None:
    features = {"image": tfds.features.Image(), "label": LABEL}
    write_tfds(tmp_path, "ones", features, {"train": [(image, label + 1) for image, label in images(20)]})
    refused(
        r"labels must lie in 0\.\.1.* Received: 2 in record 1 .*They are counted from 1", "ones", tmp_path
    )
