"""Images with several labels each: tables, records, TFDS sets and arrays, split without losing a class."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.data import DataSet, load_data, load_new_data
from scalenet_tf.data.order import split_rows
from scalenet_tf.data.own_images import store_images
from scalenet_tf.data.propose import propose_config
from scalenet_tf.data.sources.labels_table import parse_table
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.random_streams import RandomStream
from tests.helpers.several_labels import NAMES, bright_corners, write_labelled_folder
from tests.helpers.tfds_files import write_tfds


def load(source: str, **changes: object) -> DataSet:
    return load_data(DataConfig.model_validate({"source": source} | changes), 0, Task.multi_label)


def labels_by_image(data: DataSet) -> dict[bytes, tuple[int, ...]]:
    """The classes of each image of all splits."""
    found = {}
    for split in ("train", "validation", "test"):
        for images, labels in data.evaluation_batches(split, resolution=12, batch_size=16):  # type: ignore[arg-type]
            assert labels.dtype == tf.int8
            for image, label in zip(images.numpy(), labels.numpy(), strict=True):
                found[image.tobytes()] = tuple(np.flatnonzero(label))
    return found


def given_labels(count: int, order: list[int] | None = None) -> dict[bytes, tuple[int, ...]]:
    images, labels = bright_corners(count)
    order = order or list(range(3))
    return {
        image.astype(np.float32).tobytes(): tuple(sorted(order.index(k) for k in np.flatnonzero(label)))
        for image, label in zip(images, labels, strict=True)
    }


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_a_table_names_the_classes_of_images_in_any_folders(tmp_path: Path, gigabytes: float) -> None:
    data = load(f"folder:{write_labelled_folder(tmp_path, 60)}", cache_gigabytes=gigabytes)
    assert data.info.labels == tuple(sorted(NAMES))  # below, left, right
    assert data.info.counts == {"train": 49, "validation": 5, "test": 6}
    assert (data.info.class_counts or {})["train"] == tuple(data.train.class_ids().sum(axis=0, dtype=int))
    assert labels_by_image(data) == given_labels(60, order=[2, 0, 1])


def test_batches_of_an_epoch_hold_multi_hot_labels_of_static_shape(tmp_path: Path) -> None:
    data = load(f"folder:{write_labelled_folder(tmp_path, 60)}")
    batches = data.epoch_batches(batch_size=8, seed=0, epoch=0, resolution=12)
    assert batches.element_spec[1] == tf.TensorSpec([8, 3], tf.int8)
    _, positions = next(iter(data.numbered().epoch_batches(batch_size=8, seed=0, epoch=0, resolution=12)))
    _, labels = next(iter(batches))
    np.testing.assert_array_equal(data.train.class_ids()[positions.numpy()], labels)


def test_a_column_splits_the_images(tmp_path: Path) -> None:
    data = load(f"folder:{write_labelled_folder(tmp_path, 60, split=True)}")
    assert data.info.counts == {"train": 20, "validation": 20, "test": 20}
    assert data.places["validation"] == "split validation of labels.csv"
    new = load_new_data(DataConfig(source=f"folder:{tmp_path}"), Task.multi_label)
    assert new.test.class_ids().shape == (20, 3)


def test_labels_are_part_of_the_digest_and_the_place_of_the_folder_is_not(tmp_path: Path) -> None:
    first = write_labelled_folder(tmp_path / "one", 60)
    digest = load(f"folder:{first}").info.digest
    moved = first.rename(tmp_path / "two")
    assert load(f"folder:{moved}").info.digest == digest
    table = moved / "labels.csv"
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([head, *reversed(rows)]) + "\n")  # The order of the rows does not count.
    assert load(f"folder:{moved}").info.digest == digest
    table.write_text(table.read_text().replace("left;right", "right"))
    assert load(f"folder:{moved}").info.digest != digest


def test_images_without_a_row_are_named_and_not_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_labelled_folder(tmp_path, 60)
    (folder / "stray.png").write_bytes((folder / "a" / "0.png").read_bytes())
    (folder / "notes.txt").write_text("")
    with caplog.at_level(logging.WARNING, "scalenet_tf"):
        assert sum(load(f"folder:{folder}").info.counts.values()) == 60
    assert "1 image without a row in labels.csv (stray.png), 1 .txt" in caplog.text


def refuse(folder: Path, text: str | bytes, match: str) -> None:
    (folder / "labels.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InvalidInputError, match=match):
        load(f"folder:{folder}")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("file;labels\na/0.png;x\n", r"must have the columns file and labels.*'file;labels'.*by commas"),
        ("image,labels\na/0.png,x\n", r"columns: 'image', 'labels'"),
        ("file,label\na/0.png,x\n", r"Did you mean"),
        ("file,labels,labels\na/0.png,x,y\n", "stands twice"),
        ("", "Received the columns: none"),
        ("file,labels\n", "must hold a row for each image"),
        ("file,labels\na/0.png,x\na/./0.png,y\n", r"'a/0.png' stands in the lines 2 and 3"),
        ("file,labels\na/0.png,x\nb/nothing.png,y\n", r"1 are not: 'b/nothing.png' \(line 3\)"),
        ("file,labels\n../a/0.png,x\n", r"line 2 .* by its path below the table's folder\. Received: '../a"),
        ("file,labels\n/etc/passwd,x\n", "below the table's folder"),
        ("file,labels\n,x\n", "below the table's folder. Received: ''"),
        ("file,labels\na/0.png,x,y\n", "line 2 .* a cell for each of the 2 columns"),
        ("file,labels\na/0.png\n", "line 2 .* a cell for each of the 2 columns"),
        ('file,labels\na/0.png,"x\n', "comma-separated values. Line 2 is not"),
        ("file,labels,split\na/0.png,x,extra\n", "line 2 .* train, validation or test. Received: 'extra'"),
        ("file,labels\na/0.png,\nb/1.png,\n", "images with labels. None of its 2 images has any"),
        ("file,labels\na/0.png,x\nb/1.png,x\n", "at least two classes"),
        ("file,labels,split\na/0.png,x;y,test\n", "must have a train split"),
        ("file,labels,split\na/0.png,x;y,train\na/2.png,,test\nb/1.png,x,val\n", "some image of test must"),
        (b"file,labels\na/0.png,\xff\n", r"must be text in UTF-8.*byte 0xff at position"),
        ("file,labels\na/0.png,x\n".encode("utf-16"), "must be text in UTF-8"),
    ],
)
def test_tables_that_cannot_be_used_are_refused_with_the_line(
    tmp_path: Path, text: str | bytes, match: str
) -> None:
    refuse(write_labelled_folder(tmp_path, 6), text, match)


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    (write_labelled_folder(tmp_path, 6) / "labels.csv").unlink()
    with pytest.raises(
        InvalidInputError, match=r"must hold labels\.csv for the task multi_label.*leave `task`"
    ):
        load(f"folder:{tmp_path}")
    with pytest.raises(InvalidInputError, match=r"existing folder of images"):
        load(f"folder:{tmp_path / 'nowhere'}")


def test_tables_of_spreadsheets_are_read() -> None:
    text = '\ufefffile, labels ,note\r\n"a,b\\1.png","cat; dog;",x\r\n\r\nc.png,,\r\n'
    first, second = parse_table(text.encode(), "labels.csv")
    assert (first.file, first.labels, first.role) == ("a,b/1.png", ("cat", "dog"), None)
    assert (second.file, second.labels, second.line) == ("c.png", (), 4)


def test_a_quoted_cell_may_follow_a_blank() -> None:
    [row] = parse_table(b'file, labels\n"a, b.png", "cat;dog"\n', "labels.csv")
    assert (row.file, row.labels) == ("a, b.png", ("cat", "dog"))


def test_the_configuration_that_fits_is_proposed(tmp_path: Path) -> None:
    source = DataConfig(source=f"folder:{write_labelled_folder(tmp_path, 6)}")
    assert propose_config(source, Task.multi_label) == "quickstart"


def test_bundled_images_have_one_label() -> None:
    with pytest.raises(
        InvalidInputError, match=r"bundled has one label for each image, and `task` is multi_label"
    ):
        load("bundled")


def test_arrays_are_stored_with_all_their_labels(tmp_path: Path) -> None:
    images, labels = bright_corners(60)
    run = RunFolder(tmp_path / "run")
    stored = store_images(run, {"train": ("data", (images, labels))}, NAMES, Task.multi_label, replace=False)
    assert (stored.labels, stored.counts) == (NAMES, {"train": 60})
    assert labels_by_image(load(f"tfrecord:{run.own_images}")) == given_labels(60)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels.astype(np.float32))).shuffle(60, seed=1)
    for same in (dataset, dataset.batch(7)):
        again = store_images(run, {"train": ("data", same)}, NAMES, Task.multi_label, replace=False)
        assert again == stored
    other = (images, 1 - labels)
    with pytest.raises(InvalidInputError, match="other images than `data`"):
        store_images(run, {"train": ("data", other)}, NAMES, Task.multi_label, replace=False)
    with pytest.raises(InvalidInputError, match=r"For several labels in a record, set task=multi_label"):
        load_data(DataConfig(source=f"tfrecord:{run.own_images}"), 0)


@pytest.mark.parametrize(
    ("labels", "names", "match"),
    [
        (np.arange(8) % 3, None, r"must be multi-hot, of shape \[N, classes\].*Received: int64 \(8,\)"),
        (np.full((8, 3), 2), None, r"1 for each class that an image has"),
        (np.ones((8, 1)), None, r"Received: float64 \(8, 1\)"),
        (np.eye(8, 3), ("a", "b"), r"Received 2 names, and labels of 3 classes"),
        (np.eye(8, 3), ("a", "b", "c", "d"), r"Received 4 names, and labels of 3 classes"),
    ],
)
def test_labels_of_another_form_are_refused(
    tmp_path: Path, labels: np.ndarray, names: tuple[str, ...] | None, match: str
) -> None:
    data = {"train": ("data", (bright_corners(8)[0], labels))}
    with pytest.raises(InvalidInputError, match=match):
        store_images(RunFolder(tmp_path / "run"), data, names, Task.multi_label, replace=False)


def test_a_label_out_of_range_is_named(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    store_images(run, {"train": ("data", bright_corners(60))}, NAMES, Task.multi_label, replace=False)
    (run.own_images / "labels.txt").write_text("left\nright\n")
    with pytest.raises(
        InvalidInputError, match=r"must lie in 0\.\.1, as it names 2 classes\. Received: 2 in record"
    ):
        load(f"tfrecord:{run.own_images}")


def test_a_sequence_of_class_labels_of_tfds_is_read(tmp_path: Path) -> None:
    images, labels = bright_corners(60)
    examples = [
        (tf.io.encode_png(image).numpy(), [int(k) for k in np.flatnonzero(own)])
        for image, own in zip(images, labels, strict=True)
    ]
    label = tfds.features.Sequence(tfds.features.ClassLabel(names=list(NAMES)))
    features = {"image": tfds.features.Image(shape=(None, None, 1)), "label": label}
    write_tfds(tmp_path, "scenes", features, {"train": examples})
    assert labels_by_image(load("tfds:scenes", data_dir=str(tmp_path))) == given_labels(60)
    with pytest.raises(InvalidInputError, match=r"one class label per example.*set task=multi_label"):
        load_data(DataConfig(source="tfds:scenes", data_dir=str(tmp_path)), 0)


def test_a_set_of_tfds_with_one_label_is_refused(tmp_path: Path) -> None:
    examples = [(tf.io.encode_png(image).numpy(), n % 2) for n, image in enumerate(bright_corners(20)[0])]
    features = {"image": tfds.features.Image(), "label": tfds.features.ClassLabel(names=["a", "b"])}
    write_tfds(tmp_path, "plain", features, {"train": examples})
    with pytest.raises(InvalidInputError, match=r"a sequence of class labels per example.*task=single_label"):
        load("tfds:plain", data_dir=str(tmp_path))


@given(
    count=st.integers(2, 60),
    classes=st.integers(2, 6),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 9),
)
def test_a_split_is_disjoint_and_keeps_every_class_in_train(
    count: int, classes: int, fraction: float, seed: int
) -> None:
    labels = (np.random.default_rng(seed).random((count, classes)) < 0.1).astype(np.int8)
    rest, part = split_rows(labels, fraction, seed, RandomStream.TEST_SPLIT)
    assert sorted([*rest, *part]) == list(range(count))
    np.testing.assert_array_equal(labels[rest].any(axis=0), labels.any(axis=0))
    assert (
        len(part) <= max(1, round(fraction * count))
        and len(part) >= min(max(1, round(fraction * count)), count - 1) - classes
    )
    again = split_rows(labels, fraction, seed, RandomStream.TEST_SPLIT)
    np.testing.assert_array_equal(part, again[1])


def test_a_part_of_the_training_images_keeps_every_class(tmp_path: Path) -> None:
    folder = write_labelled_folder(tmp_path, 60)
    rare = (folder / "labels.csv").read_text().replace("b/11.png,", "b/11.png,rare;")
    (folder / "labels.csv").write_text(rare)
    data = load(f"folder:{folder}", train_images=10)
    assert "rare" in data.info.labels and 10 <= data.info.counts["train"] <= 13
    assert data.train.class_ids().any(axis=0).all()
