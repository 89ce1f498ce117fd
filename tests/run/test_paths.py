from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import DataConfig, load_config
from scalenet_tf.config.source import parse_source
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.paths import check_folder, with_absolute_paths


@pytest.mark.parametrize("source", ["folder", "folder:", "bundled:x", "fodler:x", "", ":x"])
def test_a_source_that_is_none(source: str) -> None:
    with pytest.raises(
        ScaleNetError, match=r"must be bundled, tfds:NAME, folder:PATH, tfrecord:PATH or the path"
    ):
        parse_source(source)


def test_a_source_has_a_kind_and_a_place() -> None:
    assert parse_source("bundled") == ("bundled", "")
    assert parse_source("tfds:mnist:3.0.1") == ("tfds", "mnist:3.0.1")
    assert parse_source("folder:a b") == ("folder", "a b")


def test_paths_become_absolute_and_names_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/someone")
    (tmp_path / "mine.yaml").touch()
    given = ["data.source=folder:photos", "data.data_dir=~/tfds", "space=mine.yaml"]
    found = with_absolute_paths(load_config("smoke", given))
    assert found.data.source == f"folder:{tmp_path / 'photos'}"
    assert found.data.data_dir == "/home/someone/tfds"
    assert found.space == str(tmp_path / "mine.yaml")
    assert with_absolute_paths(found) == found
    named = load_config("smoke", ["data.source=tfrecord:gs://bucket/images", "data.data_dir=gs://b/tfds"])
    assert with_absolute_paths(named) == named


def test_the_folder_of_images_may_be_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "photos").mkdir()
    for source in ("folder:~/photos", "~/photos", "tfrecord:~/photos"):
        check_folder(DataConfig(source=source))
    with pytest.raises(ScaleNetError, match=r"Received: '~/nowhere', which does not exist"):
        check_folder(DataConfig(source="folder:~/nowhere"))


def test_a_file_does_not_take_the_name_of_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("small", "default", "regularized", "mine"):
        (tmp_path / name).touch()
    config = load_config("smoke", ["space=small", "members.recipe=[default, regularized, mine]"])
    found = with_absolute_paths(config)
    assert found.space == "small"
    assert found.members.recipe == ("default", "regularized", str(tmp_path / "mine"))
