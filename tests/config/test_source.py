from __future__ import annotations

import os
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.config.source import parse_source, source_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.paths import with_absolute_paths


@pytest.mark.parametrize("name", ["photos", "my photos", "a:b", "ünï"])
def test_the_path_of_a_folder_is_a_source(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert source_of(tmp_path / name) == f"folder:{tmp_path / name}"
    for given in (name, f"./{name}", str(tmp_path / name), f"~/{name}"):
        assert parse_source(given) == ("folder", given)
        config = with_absolute_paths(load_config("smoke", [f'data.source="{given}"']))
        assert config.data.source == f"folder:{os.path.join(tmp_path, name)}"


def test_kinds_win_over_folders_of_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bundled").mkdir()
    assert parse_source("bundled") == ("bundled", "")
    assert parse_source("tfds:mnist") == ("tfds", "mnist")


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"tfrecord:PATH or the path of a folder\. Received: "):
        parse_source(str(tmp_path / "none"))
