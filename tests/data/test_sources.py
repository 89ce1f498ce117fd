from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_sets import LABELS, random_images

STREAM = 0.0
Write = Callable[..., Path]


def load(source: str, gigabytes: float = 1.0, **changes: object) -> DataSet:
    values = {
        "source": source,
        "cache_gigabytes": gigabytes,
        "validation_fraction": 0.2,
        "test_fraction": 0.2,
    }
    return load_data(DataConfig.model_validate(values | changes), seed=0)


def contents(data: DataSet, split: str) -> list[tuple[str, int]]:
    """(Digest, label) of each image of a split."""
    batches = data.evaluation_batches(split, resolution=data.info.image_size, batch_size=7)  # type: ignore[arg-type]
    return [
        (hashlib.sha256(image.tobytes()).hexdigest(), int(label))
        for images, labels in batches.as_numpy_iterator()
        for image, label in zip(images, labels, strict=True)
    ]


def training(data: DataSet, **changes: object) -> list[tuple[np.ndarray, np.ndarray]]:
    arguments = {
        "batch_size": 8,
        "seed": 3,
        "resolutions": [12, 8, 10] * 7,
        "augmentation": AugmentationConfig(),
    }
    return list(data.training_batches(**(arguments | changes)).as_numpy_iterator())  # type: ignore[arg-type]


def assert_equal(left: list, right: list) -> None:
    assert len(left) == len(right) > 0
    for one, other in zip(left, right, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])


def assert_three_disjoint_splits(data: DataSet, total: int) -> None:
    splits = {split: contents(data, split) for split in ("train", "validation", "test")}
    assert {split: len(found) for split, found in splits.items()} == data.info.counts
    digests = [digest for found in splits.values() for digest, _ in found]
    assert len(set(digests)) == len(digests) == total
    for found in splits.values():
        of_class = np.bincount([label for _, label in found], minlength=3)
        assert of_class.max() - of_class.min() <= 1


class TinySet(tfds.core.GeneratorBasedBuilder):
    """A set of TFDS whose features have names of their own and whose "test" labels are kept back."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "picture": tfds.features.Image(shape=(12, 12, 1)),
            "kind": tfds.features.ClassLabel(names=LABELS),
        }
        return tfds.core.DatasetInfo(
            builder=self, features=tfds.features.FeaturesDict(features), supervised_keys=("picture", "kind")
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict:
        sizes = {"train": 60, "validation": 15, "test": 9}
        return {
            split: self._generate_examples(count, seed) for seed, (split, count) in enumerate(sizes.items())
        }

    def _generate_examples(self, count: int, seed: int) -> object:
        for i, picture in enumerate(random_images(count, channels=1, seed=seed)):
            yield i, {"picture": picture, "kind": -1 if seed == 2 else i % 3}


@pytest.fixture(scope="module")
def tfds_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("tfds"))
    TinySet(data_dir=path).download_and_prepare()
    return path


@pytest.fixture(
    params=[
        *("split folder", "tfrecord"),
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("flat folder", "tfrecord gz", "tfds")),
    ]
)
def source(request: pytest.FixtureRequest, tmp_path: Path, write_folder: Write, write_records: Write) -> dict:
    if request.param == "split folder":
        write_folder(tmp_path / "train", 20)
        write_folder(tmp_path / "test", 5, seed=1)
        return {"source": f"folder:{tmp_path}"}
    if request.param == "flat folder":
        return {"source": f"folder:{write_folder(tmp_path / 'images', 25)}"}
    if request.param.startswith("tfrecord"):
        gzip = request.param.endswith("gz")
        write_records(tmp_path / "Split-train", 60, gzip=gzip)
        write_records(tmp_path / "Split-eval", 15, seed=1, gzip=gzip)
        return {"source": f"tfrecord:{tmp_path}"}
    return {"source": "tfds:tiny_set", "data_dir": request.getfixturevalue("tfds_dir")}


def test_three_disjoint_splits_in_memory_and_streamed(source: dict) -> None:
    held, streamed = load(**source), load(**source, gigabytes=STREAM)
    assert held.info.classes == 3
    assert held.info.labels == LABELS
    assert held.info.channels == (1 if source["source"].startswith("tfds") else 3)
    assert held.info.counts == {"train": 48, "validation": 12, "test": 15}
    assert_three_disjoint_splits(held, 75)
    for split in held.info.counts:
        assert sorted(contents(held, split)) == sorted(contents(streamed, split))
    assert streamed.info == load(**source, gigabytes=STREAM).info


def test_a_part_of_train_leaves_the_other_splits_alone(source: dict) -> None:
    whole, part = load(**source), load(**source, train_images=24)
    assert part.info.counts == {"train": 24, "validation": 12, "test": 15}
    assert np.bincount([label for _, label in contents(part, "train")]).tolist() == [8, 8, 8]
    assert set(contents(part, "train")) < set(contents(whole, "train"))
    for split in ("validation", "test"):
        assert contents(part, split) == contents(whole, split)
    assert load(**source, train_images=1000).info == whole.info


@pytest.mark.parametrize("gigabytes", [STREAM, pytest.param(1.0, marks=pytest.mark.slow)])
def test_a_resumed_run_sees_the_rest_of_the_same_batches(source: dict, gigabytes: float) -> None:
    data = load(**source, gigabytes=gigabytes)
    whole = training(data)
    assert len(whole) == 21
    again = load(**source, gigabytes=gigabytes)
    for start in (1, 6, 20):
        assert_equal(training(again, start_step=start), whole[start:])
    images = [
        image.tobytes()
        for images, _ in training(data, augmentation=None, resolutions=[12] * 6)
        for image in images
    ]
    assert len(set(images)) == 48  # an epoch: each image once
    epoch = data.epoch_batches(
        batch_size=8, seed=3, epoch=2, resolution=12, augmentation=AugmentationConfig()
    )
    assert_equal(list(epoch.as_numpy_iterator())[::3], whole[12:18:3])


def test_a_streamed_folder_gives_the_very_batches_of_memory(tmp_path: Path, write_folder: Write) -> None:
    source = f"folder:{write_folder(tmp_path / 'images', 20)}"
    held, streamed = load(source), load(source, gigabytes=STREAM)
    assert_equal(training(held), training(streamed))
    np.testing.assert_array_equal(held.calibration_images(9, 0), streamed.calibration_images(9, 0))
    assert contents(held, "validation") == contents(streamed, "validation")


@pytest.mark.parametrize("gigabytes", [STREAM, pytest.param(1.0, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["folder", "tfrecord"])
def test_nothing_but_evaluation_of_test_reads_test(
    tmp_path: Path, write_folder: Write, write_records: Write, gigabytes: float, kind: str
) -> None:
    if kind == "folder":
        write_folder(tmp_path / "train", 20)
        test = write_folder(tmp_path / "test", 5, seed=1)
    else:
        write_records(tmp_path / "Split-train", 60)
        test = write_records(tmp_path / "Split-test", 15, seed=1)
    data = load(f"{kind}:{tmp_path}", gigabytes)
    shutil.rmtree(test)
    assert len(training(data)) == 21
    assert len(data.calibration_images(20, 0)) == 20
    assert len(contents(data, "validation")) == 12
    assert len(contents(data, "train")) == 48
    with pytest.raises(ScaleNetError, match=r"`data\.source`.* cannot be (read|decoded): .*No such file"):
        contents(data, "test")


def test_folders_are_numbered_and_counted_as_imagefolder_does(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path / "train", 6)
    write_folder(tmp_path / "validation", 4, seed=1)
    builder = tfds.ImageFolder(str(tmp_path))
    data = load(f"folder:{tmp_path}")
    assert list(data.info.labels) == builder.info.features["label"].names
    assert data.info.counts["test"] == builder.info.splits["validation"].num_examples
    expected = {
        hashlib.sha256(example["image"].astype(np.float32).tobytes()).hexdigest(): int(example["label"])
        for example in tfds.as_numpy(builder.as_dataset("validation"))
    }
    assert dict(contents(data, "test")) == expected


@pytest.mark.parametrize("gigabytes", [1.0, STREAM])
def test_images_of_all_sizes_are_resized_to_image_size(
    tmp_path: Path, write_folder: Write, gigabytes: float
) -> None:
    write_folder(tmp_path, 10)
    odd = random_images(1, size=(9, 30))[0]
    for label in LABELS:
        (tmp_path / label / "wide.png").write_bytes(tf.io.encode_png(odd).numpy())
    data = load(f"folder:{tmp_path}", gigabytes, image_size=16, fit="squeeze")
    assert data.info.image_size == 16
    expected = np.round(tf.image.resize(odd, [16, 16], antialias=True))
    images = np.concatenate(
        [
            data.calibration_images(100, 0),
            *(
                images
                for split in ("validation", "test")
                for images, _ in data.evaluation_batches(split, resolution=16, batch_size=50)
            ),
        ]
    )  # type: ignore[arg-type]
    assert sum(np.abs(image - expected).max() <= 1 for image in images) == 3


def test_workers_read_shards_of_their_own(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 60, shards=4)
    data = load(f"tfrecord:{tmp_path}", STREAM)
    steps, seen = [], []
    for worker in range(2):
        context = tf.distribute.InputContext(2, worker, 2)
        batches = training(data, resolutions=[12] * 10, augmentation=None, input_context=context)
        assert all(len(labels) == 4 for _, labels in batches)
        steps.append(len(batches))
        seen.append({image.tobytes() for images, _ in batches for image in images})
    assert steps == [10, 10]
    assert not seen[0] & seen[1]


def test_a_digest_tells_contents_apart(tmp_path: Path, write_folder: Write) -> None:
    path = write_folder(tmp_path / "images", 10)
    first = load(f"folder:{path}").info.digest
    moved = shutil.move(path, tmp_path / "moved")
    assert load(f"folder:{moved}").info.digest == first
    image = moved / "cat" / "000.png"
    os.replace(moved / "cat" / "001.png", image)
    assert load(f"folder:{moved}").info.digest != first
