"""Every mistake in the data is one clear error that names the file or the argument."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import DataSet, load_data, load_new_data
from scalenet_tf.data.splits import split_source
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_sets import random_images

Write = Callable[..., Path]


def load(source: str, **changes: object) -> DataSet:
    return load_data(DataConfig.model_validate({"source": source} | changes), seed=0)


def fails(match: str, source: str, **changes: object) -> None:
    with pytest.raises(ScaleNetError, match=match):
        load(source, **changes)


def test_unknown_kind() -> None:
    fails(r"`data\.source` must be bundled, .* Received: 'floder:/x'\. Did you mean 'folder'\?", "floder:/x")
    fails(r"Received: 'bundle'\. There is no folder '/.*/bundle'\. Did you mean 'bundled'\?", "bundle")


def test_unknown_tfds_name() -> None:
    fails(r"tfds:NAME must name a set .* Received: 'fashion_mnst'\. Did you mean 'fashion_mnist'\?",
          "tfds:fashion_mnst")  # fmt: skip


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    fails(
        r"folder:PATH must be an existing folder of images\. Received: .*nowhere",
        f"folder:{tmp_path}/nowhere",
    )
    fails(r"must hold a folder of images for each class", f"folder:{tmp_path}")
    (tmp_path / "cat").mkdir()
    fails(r"holds no images\. Class folders must hold \.jpg", f"folder:{tmp_path}")


def test_empty_train_folder_beside_a_full_test_folder(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path / "test", 3)
    (tmp_path / "train" / "cat").mkdir(parents=True)
    fails(r"/train' holds no images", f"folder:{tmp_path}")


def test_one_class(tmp_path: Path, write_folder: Write) -> None:
    fails(r"at least two classes\. .*where every image is 'cat'",
          f"folder:{write_folder(tmp_path, 5, labels=('cat',))}")  # fmt: skip


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_truncated_jpeg_is_named_or_skipped_and_counted(
    tmp_path: Path, write_folder: Write, gigabytes: float
) -> None:
    write_folder(tmp_path / "train", 10)
    write_folder(tmp_path / "test", 1, seed=1)
    whole = tf.io.encode_jpeg(random_images(1)[0]).numpy()
    (tmp_path / "train" / "dog" / "broken.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "train" / "owl" / "empty.png").write_bytes(b"")
    source, options = f"folder:{tmp_path}", {"cache_gigabytes": gigabytes}
    fails(
        r"2 of 35 images cannot be decoded: .*(broken\.jpg.*empty\.png).*skip_corrupt=true", source, **options
    )
    data = load(source, skip_corrupt=True, **options)
    assert data.info.skipped == 2
    assert data.info.counts["train"] + data.info.counts["validation"] == 30
    batches = list(data.training_batches(batch_size=data.info.counts["train"], seed=0, resolutions=[12] * 2))
    assert len(batches) == 2


def test_the_splits_of_the_bundled_images_cannot_be_chosen() -> None:
    fails(
        r"`data.validation_fraction` cannot be chosen for the bundled images.*Received: 0\.2",
        "bundled",
        validation_fraction=0.2,
    )
    fails(r"`data.train_images` cannot be chosen .*Received: 100", "bundled", train_images=100)
    fails(r"`data.test_fraction` cannot be chosen .*Received: 0\.3", "bundled", test_fraction=0.3)


def test_no_image_can_be_decoded(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path, 5)
    for file in tmp_path.glob("*/*.png"):
        file.write_bytes(b"not an image")
    fails(r"none of its \d+ images can be decoded; the first is '.*\.png'", f"folder:{tmp_path}")


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_mixed_channels_of_earlier_runs_name_the_file(
    tmp_path: Path, write_folder: Write, gigabytes: float
) -> None:
    write_folder(tmp_path, 12)
    for label in ("cat", "dog", "owl"):
        for i in range(3):  # several, so that not all are in the test split
            grey = random_images(1, channels=1, seed=i)[0]
            (tmp_path / label / f"grey{i}.png").write_bytes(tf.io.encode_png(grey).numpy())
    fails(r"mixes channels: '.*\.png' has [13], the images before it [13]\. Convert all",
          f"folder:{tmp_path}", cache_gigabytes=gigabytes, reading="plain")  # fmt: skip


def test_sizes_that_differ_need_image_size(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path / "differ", 9)
    for label in ("cat", "dog", "owl"):
        for i in range(3):
            large = random_images(1, size=(14, 14), seed=i)[0]
            (tmp_path / "differ" / label / f"large{i}.png").write_bytes(tf.io.encode_png(large).numpy())
    fails(r"`data\.image_size` is needed where sizes differ\. .* Set data\.image_size=1[24]",
          f"folder:{tmp_path}/differ")  # fmt: skip
    write_folder(tmp_path / "wide", 4)
    for file in (tmp_path / "wide").glob("*/*.png"):
        file.write_bytes(tf.io.encode_png(random_images(1, size=(10, 20))[0]).numpy())
    fails(r"where images are not square\. .* has 10 x 20 pixels\. Set data\.image_size=10",
          f"folder:{tmp_path}/wide")  # fmt: skip


def test_records_without_names_or_train(tmp_path: Path, write_records: Write) -> None:
    fails(r"must hold labels\.txt, one class name per line", f"tfrecord:{tmp_path}")
    write_records(tmp_path / "Split-eval", 6)
    fails(r"must have a train split\. It has only: Split-eval/", f"tfrecord:{tmp_path}")
    shutil.rmtree(tmp_path / "Split-eval")
    fails(r"must hold Split-train with \.gz, ", f"tfrecord:{tmp_path}")


@pytest.mark.parametrize("label", [3, -1])
def test_labels_out_of_range_name_the_record(tmp_path: Path, write_records: Write, label: int) -> None:
    write_records(tmp_path / "Split-train", 30, label=label)
    fails(rf"labels must lie in 0\.\.2, as it names 3 classes\. Received: {label} in record 5 of '.*-00000",
          f"tfrecord:{tmp_path}")  # fmt: skip


@pytest.mark.parametrize("split", ["Split-train", "Split-test"])
def test_compressed_and_plain_shards_in_one_split_are_named(
    split: str, tmp_path: Path, write_records: Write
) -> None:
    write_records(tmp_path / "Split-train", 30, gzip=True)
    if split == "Split-test":
        write_records(tmp_path / split, 30, gzip=True)
    other = write_records(tmp_path / "plain" / "more", 30, shards=1, gzip=False)
    (other / "data-00000-of-00001.tfrecord").rename(tmp_path / split / "new.tfrecord")
    fails(
        rf"{split}' must be all compressed \(.gz\) or all plain.*3 compressed ones \(data-00000-of-00003.gz, "
        r".*1 plain ones \(new.tfrecord\)",
        f"tfrecord:{tmp_path}",
    )


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("eval", {"train": 27, "validation": 3, "test": 9}),
        ("validation", {"train": 27, "validation": 9, "test": 3}),
    ],
)
def test_the_validation_split_that_runs_write_is_no_test_split(
    tmp_path: Path, write_records: Write, name: str, counts: dict[str, int]
) -> None:
    write_records(tmp_path / "Split-train", 30)
    write_records(tmp_path / f"Split-{name}", 9, seed=1)
    assert load(f"tfrecord:{tmp_path}").info.counts == counts
    assert load_new_data(DataConfig(source=f"tfrecord:{tmp_path}")).places == {"test": f"Split-{name}/"}


def test_splits_may_be_compressed_or_plain_apart(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 30, gzip=True)
    write_records(tmp_path / "Split-test", 9, gzip=False)
    data = load(f"tfrecord:{tmp_path}")
    assert len(next(iter(data.evaluation_batches("test", resolution=12, batch_size=20)))[1]) == 9


def test_labels_out_of_range_of_the_test_split(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 30)
    write_records(tmp_path / "Split-test", 12, label=7, seed=1)
    with pytest.raises(ScaleNetError, match=r"Received: 7 in record 2 of '.*Split-test"):
        split_source(DataConfig(source=f"tfrecord:{tmp_path}"), seed=0)  # before any image is decoded


def test_an_empty_split_of_records_is_named_before_any_image_is_decoded(
    tmp_path: Path, write_records: Write
) -> None:
    source = DataConfig(source=f"tfrecord:{tmp_path}")
    write_records(tmp_path / "Split-train", 30)
    write_records(tmp_path / "Split-test", 0)
    with pytest.raises(
        ScaleNetError, match=r"images in Split-test/\. It holds none there\. Remove it to take"
    ):
        split_source(source, seed=0)
    with pytest.raises(ScaleNetError, match=r"images in Split-test/\. It holds none there\.$"):
        load_new_data(source)
    shutil.rmtree(tmp_path / "Split-test")
    write_records(tmp_path / "Split-validation", 0)
    with pytest.raises(ScaleNetError, match=r"images in Split-validation/\."):
        split_source(source, seed=0)
    part = DataConfig(source=source.source, validation="train")
    assert split_source(part, seed=0).places["validation"] == "a part of Split-train/"  # It is not used.
    shutil.rmtree(tmp_path / "Split-train")
    write_records(tmp_path / "Split-train", 0)
    with pytest.raises(ScaleNetError, match=r"images in Split-train/\. It holds none there\.$"):
        split_source(part, seed=0)


def test_broken_records_name_the_shard(tmp_path: Path, write_records: Write) -> None:
    path = write_records(tmp_path / "Split-train", 30, gzip=False)
    shard = sorted(path.iterdir())[1]
    shard.write_bytes(shard.read_bytes()[:-20])
    fails(r"data-00001-of-00003\.tfrecord' is not a whole TFRecord file", f"tfrecord:{tmp_path}")
    with tf.io.TFRecordWriter(str(shard)) as writer:
        writer.write(tf.train.Example().SerializeToString())
    fails(r"features 'image' .* and 'label' \(int64\)\. '.*data-00001.* has a record that is not",
          f"tfrecord:{tmp_path}")  # fmt: skip


def test_more_workers_than_shards(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 30, shards=1)
    data = load_data(DataConfig(source=f"tfrecord:{tmp_path}", cache_gigabytes=0), seed=0)
    context = tf.distribute.InputContext(2, 0, 2)
    with pytest.raises(ScaleNetError, match=r"2 workers need at least as many shards.* Received: 1,"):
        data.training_batches(batch_size=4, seed=0, resolutions=12, input_context=context)


def test_a_worker_whose_shards_hold_too_few_images(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 30, shards=3)
    data = load_data(DataConfig(source=f"tfrecord:{tmp_path}", cache_gigabytes=0), seed=0)
    context = tf.distribute.InputContext(2, 0, 2)
    text = r"at most \d+: the shards that one of the 2 workers reads hold only \d+ images\. Received: 22"
    with pytest.raises(ScaleNetError, match=text):
        data.training_batches(batch_size=22, seed=0, resolutions=12, input_context=context)


def test_a_class_too_small_to_split(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path, 4)
    for file in list((tmp_path / "dog").iterdir())[1:]:
        file.unlink()
    fails(
        r"every class needs at least 3 images, .* Received in all images: 'dog' has 1\.", f"folder:{tmp_path}"
    )
