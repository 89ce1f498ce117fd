"""Positions in the train split in place of labels: the same images, in the same order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.data.encoded import Records
from scalenet_tf.data.order import Share

Write = Callable[..., Path]


def epoch(data: DataSet, number: int) -> list[tuple[np.ndarray, np.ndarray]]:
    batches = data.epoch_batches(batch_size=8, seed=3, epoch=number, resolution=12)
    return list(batches.as_numpy_iterator())


@pytest.mark.parametrize(
    ("kind", "gigabytes"),
    [
        ("folder", 1.0),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [("folder", 0.0), ("tfrecord", 1.0), ("tfrecord", 0.0)]
        ),
    ],
)
def test_a_position_names_the_same_image_everywhere(
    tmp_path: Path, write_folder: Write, write_records: Write, kind: str, gigabytes: float
) -> None:
    if kind == "folder":
        folder = write_folder(tmp_path / "images", 20)
        (folder / "cat" / "000.png").write_bytes(b"no image")
        (folder / "dog" / "007.png").write_bytes(b"no image")
    else:
        write_records(tmp_path / "Split-train", 60)
    config = DataConfig(source=f"{kind}:{tmp_path / ('images' if kind == 'folder' else '')}")
    options = {"cache_gigabytes": gigabytes, "skip_corrupt": True}
    data = load_data(config.model_copy(update=options), seed=1)
    assert data.info.skipped == (2 if kind == "folder" else 0)
    numbered, labels = data.numbered(), data.train.class_ids()
    assert len(labels) == data.train.count

    image_at: dict[int, bytes] = {}
    for images, positions in numbered.evaluation_batches("train", resolution=12, batch_size=7):
        image_at |= dict(zip(positions.numpy().tolist(), map(bytes, images.numpy()), strict=True))
    assert sorted(image_at) == list(range(data.train.count))
    for number in (0, 1):
        for (images, given), (again, positions) in zip(
            epoch(data, number), epoch(numbered, number), strict=True
        ):
            np.testing.assert_array_equal(images, again)
            np.testing.assert_array_equal(given, labels[positions])
            assert [image_at[position] for position in positions.tolist()] == list(map(bytes, images))


def test_the_seed_of_the_program_does_not_change_the_order(tmp_path: Path, write_records: Write) -> None:
    """With `tf.random.set_seed(0)`, streamed records could not be shuffled at all."""
    write_records(tmp_path / "Split-train", 60)
    data = load_data(DataConfig(source=f"tfrecord:{tmp_path}", cache_gigabytes=0.0), seed=1)
    orders = []
    try:
        for seed in (None, 0, 7):
            tf.random.set_seed(seed)
            orders.append([positions.tolist() for _, positions in epoch(data.numbered(), 0)])
    finally:
        tf.random.set_seed(None)
    assert orders[0] == orders[1] == orders[2]


def test_the_other_splits_keep_their_labels(tmp_path: Path, write_folder: Write) -> None:
    data = load_data(DataConfig(source=f"folder:{write_folder(tmp_path, 20)}"), seed=1)
    for split in ("validation", "test"):
        pairs = [
            [
                labels.numpy().tolist()
                for _, labels in given.evaluation_batches(split, resolution=12, batch_size=5)
            ]
            for given in (data, data.numbered())
        ]
        assert pairs[0] == pairs[1]


@pytest.mark.parametrize("gigabytes", [0.0, 1.0])
def test_images_are_taken_in_the_order_asked_for(
    tmp_path: Path, write_records: Write, gigabytes: float
) -> None:
    write_records(tmp_path / "Split-train", 60)
    data = load_data(DataConfig(source=f"tfrecord:{tmp_path}", cache_gigabytes=gigabytes), seed=1)
    # Test images are a random part of train here, so that their rows are not in the order of the file.
    measured = [
        image
        for batch, _ in data.evaluation_batches("test", resolution=data.info.image_size, batch_size=4)
        for image in batch.numpy()
    ]
    order = data.test.order()
    assert sorted(order) == list(range(len(measured))) and len(measured) > 3
    np.testing.assert_array_equal(data.test.take(order), np.stack(measured).astype(np.uint8))
    backwards = np.arange(len(measured))[::-1]
    np.testing.assert_array_equal(data.test.take(backwards)[::-1], data.test.take(backwards[::-1]))
    labels = [
        label
        for _, batch in data.evaluation_batches("test", resolution=12, batch_size=4)
        for label in batch.numpy()
    ]
    np.testing.assert_array_equal(data.test.class_ids()[order], labels)


def test_an_empty_shard_counts_no_image(tmp_path: Path, write_records: Write) -> None:
    folder = write_records(tmp_path / "Split-train", 60)
    shards = sorted(map(str, folder.iterdir()))
    empty = str(tmp_path / "empty.tfrecord")
    tf.io.TFRecordWriter(empty).close()
    records = Records((shards[0], empty, *shards[1:]))
    rows = np.arange(len(records.labels))
    assert records.steps(rows, Share(len(rows))) == 1 and records.steps(rows, Share(len(rows) + 1)) == 0
