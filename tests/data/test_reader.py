"""How many records are shuffled together, by the memory that they take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.decoder import DECODER
from scalenet_tf.data.encoded import Records
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.reader import Reader
from scalenet_tf.data.records import EncodedImage, write_split


def buffer(encoded: Records, gigabytes: float, side: int) -> int:
    image_format = ImageFormat(side, 3, DECODER, "crop", resized=True, converted=True)
    return Reader.within(gigabytes, image_format, images=10**9).buffer(encoded)


def test_large_records_are_shuffled_within_the_limit_of_memory(tmp_path: Path) -> None:
    content = np.random.default_rng(0).bytes(4 * 2**20)
    write_split(tmp_path, [EncodedImage(content, number) for number in range(3)], 1, len, compressed=False)
    [shard] = map(str, tmp_path.iterdir())
    photos = Records((shard,))
    assert photos.labels.tolist() == [0, 1, 2] and photos.record_bytes == pytest.approx(4 * 2**20, rel=1e-4)
    assert buffer(photos, 2.0, 128) == 127  # 512 MB
    assert buffer(photos, 32.0, 128) == 2047
    assert buffer(photos, 0.0, 128) == 63  # 256 MB, without which nothing would be shuffled


def test_small_records_are_shuffled_as_in_earlier_versions(
    tmp_path: Path, write_records: Callable[..., Path]
) -> None:
    folder = write_records(tmp_path / "Split-train", 30, gzip=False)
    records = Records(tuple(sorted(tf.io.gfile.glob(f"{folder}/*"))))
    assert 432 < records.record_bytes < 700
    assert buffer(records, 2.0, 128) == 2**29 // (128 * 128 * 3)
    assert buffer(records, 0.0, 128) == buffer(records, 0.0, 4) == 1024
    assert buffer(records, 2.0, 4) == 2**29 // records.record_bytes


def test_only_shards_with_wanted_records_are_read_and_only_up_to_the_last_one(
    tmp_path: Path, write_records: Callable[..., Path]
) -> None:
    folder = write_records(tmp_path / "Split-train", 30, gzip=False)
    records = Records(tuple(sorted(tf.io.gfile.glob(f"{folder}/*"))))
    rows = np.array([24, 3, 21])  # the fourth record of the first shard, the second and fifth of the last one
    whole = dict(records.ordered(np.arange(30)).as_numpy_iterator())
    Path(records.shards[1]).unlink()
    last = Path(records.shards[2])
    last.write_bytes(last.read_bytes()[:-20])  # which ends the reading of its tenth record
    assert list(records.ordered(rows).as_numpy_iterator()) == [(row, whole[row]) for row in (3, 21, 24)]
    assert list(records.ordered(rows[:0]).as_numpy_iterator()) == []
    with pytest.raises(tf.errors.DataLossError):
        list(records.ordered(np.array([29])).as_numpy_iterator())
