"""Data sets of TensorFlow Datasets, written as the files that a prepared set consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

Example = tuple[bytes, int | Sequence[int]]  # encoded image, label or labels


def write_tfds(
    data_dir: Path,
    name: str,
    features: Mapping[str, tfds.features.FeatureConnector],
    splits: Mapping[str, Sequence[Example]],
    *,
    keys: tuple[str, str] | None = ("image", "label"),
    version: str = "1.0.0",
    suffix: str = "tfrecord",
) -> Path:
    """Writes the splits with one shard each, and the metadata, which declare what they are told."""
    folder = data_dir / name / version
    folder.mkdir(parents=True)
    stored = keys or ("image", "label")
    for split, examples in splits.items():
        with tf.io.TFRecordWriter(str(folder / f"{name}-{split}.{suffix}-00000-of-00001")) as writer:
            for image, label in examples:
                writer.write(_example(stored, image, label))
    template = tfds.core.ShardedFileTemplate(
        data_dir=folder,
        template="{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        dataset_name=name,
        filetype_suffix=suffix,
    )
    infos = [
        tfds.core.SplitInfo(
            name=split, shard_lengths=[len(examples)], num_bytes=1, filename_template=template
        )
        for split, examples in splits.items()
    ]
    tfds.folder_dataset.write_metadata(
        data_dir=str(folder),
        features=dict(features),
        split_infos=infos,
        version=version,
        filename_template=template,
        check_data=False,
        supervised_keys=keys,
    )
    return folder


def _example(keys: tuple[str, str], image: bytes, label: int | Sequence[int]) -> bytes:
    example = tf.train.Example()
    example.features.feature[keys[0]].bytes_list.value.append(image)
    labels = [label] if isinstance(label, int) else label
    example.features.feature[keys[1]].int64_list.value.extend(labels)
    return bytes(example.SerializeToString())
