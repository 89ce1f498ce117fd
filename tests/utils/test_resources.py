"""Texts by name, path or URL are bounded, UTF-8, and from where the user meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from pipelines.target import load_target
from scalenet_tf.config import MembersConfig, load_config, recipe_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.utils.yaml_text import MOST_CHARACTERS

READERS: dict[str, Callable[[str], object]] = {
    "config": load_config,
    "space": load_space,
    "recipe": lambda name: recipe_of(MembersConfig(recipe=name), 0),
    "target": load_target,
}
every_reader = pytest.mark.parametrize("kind", READERS)


@every_reader
@pytest.mark.parametrize(
    "url", ["file:///etc/hostname", "local:///etc/hostname", "zip::file:///etc/hostname"]
)
def test_a_url_reads_no_file_of_this_machine(kind: str, url: str) -> None:
    with pytest.raises(ScaleNetError, match=rf"`{kind}` must be a name, a path, or a URL that begins"):
        READERS[kind](url)


@every_reader
@pytest.mark.parametrize(
    "content",
    ["password: hunter2", "seed: hunter2", "hunter2", "{hunter2", "- hunter2", "&hunter2 [*x]"],
)
def test_an_error_about_a_url_quotes_nothing_of_it(kind: str, content: str, tmp_path: Path) -> None:
    url = f"memory://{tmp_path}/{kind}.yaml"
    with fsspec.open(url, "w") as file:
        file.write(content)
    with pytest.raises(ScaleNetError, match="was read, and what it holds is not valid") as error:
        READERS[kind](url)
    assert "hunter2" not in str(error.value) and "password" not in str(error.value)
    assert error.value.__suppress_context__


@every_reader
def test_large_content_is_not_read_to_its_end(kind: str, tmp_path: Path) -> None:
    with fsspec.open(url := f"memory://{tmp_path}/large.yaml", "wb") as file:
        file.write(b"#" * (MOST_CHARACTERS + 2))
    (file_path := tmp_path / "large.yaml").touch()
    os.truncate(file_path, 10**12)  # sparse
    for place in (url, str(file_path)):
        with pytest.raises(ScaleNetError, match=rf"`{kind}` .* is too large: at most 4,194,304 bytes"):
            READERS[kind](place)


@every_reader
def test_bytes_that_are_not_utf_8_are_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes("seed: 1 # é".encode("latin-1"))
    with pytest.raises(ScaleNetError, match=r"mine\.yaml' is not YAML: byte 10 is not UTF-8\. Save it"):
        READERS[kind](str(tmp_path / "mine.yaml"))


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("seed: 4", "utf-8-sig")
    assert load_config(str(tmp_path / "mine.yaml")).seed == 4


@every_reader
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_opened(kind: str, make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "mine.yaml")
    with pytest.raises(ScaleNetError, match=rf"`{kind}` must be one of .*Received: '.*mine\.yaml'"):
        READERS[kind](str(tmp_path / "mine.yaml"))
