"""Images that are damaged while they are streamed: the error names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.data.damage import damage_named
from scalenet_tf.errors import DamagedFileError

Write = Callable[..., Path]
LATER = r".*put them back as they were, then run the same command again"


def streamed(source: str) -> DataSet:
    return load_data(DataConfig(source=source, cache_gigabytes=0), 0)


def read_all(data: DataSet) -> None:
    for _ in data.training_batches(batch_size=data.info.counts["train"], seed=0, resolutions=[12] * 3):
        pass


@pytest.fixture
def images(tmp_path: Path, write_folder: Write) -> Path:
    return write_folder(tmp_path / "images", 12)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:40]), ""),
        (lambda path: path.unlink(), r" \(No such file or directory\)"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), r" \(a folder\)", marks=pytest.mark.slow),
    ],
    ids=["cut", "missing", "folder"],
)
def test_a_file_is_named(images: Path, damage: Callable[[Path], object], reason: str) -> None:
    data = streamed(f"folder:{images}")
    path = Path(data.train.encoded.paths[data.train.rows[3]])  # type: ignore[attr-defined]
    damage(path)
    text = rf"1 of {data.train.count} images cannot be decoded: '{path}'{reason}\. They were whole{LATER}"
    with pytest.raises(DamagedFileError, match=text), damage_named(data):
        read_all(data)


def test_a_shard_is_named(tmp_path: Path, write_records: Write) -> None:
    write_records(tmp_path / "Split-train", 40)
    write_records(tmp_path / "Split-test", 9, seed=1)
    data = streamed(f"tfrecord:{tmp_path}")
    shard = sorted((tmp_path / "Split-train").iterdir())[1]
    shard.write_bytes(shard.read_bytes()[:-30])
    with pytest.raises(DamagedFileError, match=rf"'{shard}' .*{LATER}"), damage_named(data):
        read_all(data)


def test_other_errors_stay_what_they_are(images: Path) -> None:
    data = streamed(f"folder:{images}")
    with pytest.raises(ValueError, match="another one"), damage_named(data):
        raise ValueError("another one")
    read_all(data)
