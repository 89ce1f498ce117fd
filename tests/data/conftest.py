"""Small image sets on disk, every image with its own content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.image_sets import LABELS, random_images


@pytest.fixture
def write_folder() -> Callable[..., Path]:
    def write(
        path: Path, per_class: int, seed: int = 0, channels: int = 3, labels: tuple[str, ...] = LABELS
    ) -> Path:
        for number, label in enumerate(labels):
            (path / label).mkdir(parents=True, exist_ok=True)
            for i, image in enumerate(random_images(per_class, channels=channels, seed=100 * seed + number)):
                (path / label / f"{i:03}.png").write_bytes(tf.io.encode_png(image).numpy())
        return path

    return write


@pytest.fixture
def write_records() -> Callable[..., Path]:
    def write(
        path: Path, count: int, shards: int = 3, seed: int = 0, gzip: bool = True, **other: int
    ) -> Path:
        path.mkdir(parents=True)
        labels = np.arange(count) % len(LABELS)
        if "label" in other:
            labels[count // 2] = other["label"]
        images = random_images(count, seed=seed)
        for shard in range(shards):
            name = f"data-{shard:05}-of-{shards:05}" + (".gz" if gzip else ".tfrecord")
            with tf.io.TFRecordWriter(str(path / name), "GZIP" if gzip else "") as writer:
                for row in range(shard, count, shards):
                    example = tf.train.Example()
                    example.features.feature["image"].bytes_list.value.append(
                        tf.io.encode_png(images[row]).numpy()
                    )
                    example.features.feature["label"].int64_list.value.append(int(labels[row]))
                    writer.write(example.SerializeToString())
        (path.parent / "labels.txt").write_text("\n".join(LABELS) + "\n")
        return path

    return write
