"""The configuration that fits a set of images."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.config import CONFIG_NAMES, DataConfig, load_config, proposed_config
from scalenet_tf.data.propose import propose_config
from scalenet_tf.presets import load_space


@pytest.mark.parametrize(
    ("side", "channels", "name"),
    [
        (28, 1, "quickstart"),
        (48, 1, "colour32"),
        (32, 3, "colour32"),
        (64, 3, "colour32"),
        (96, 1, "photos"),
        (4032, 3, "photos"),
    ],
)
def test_the_space_follows_the_images(side: int, channels: int, name: str) -> None:
    assert proposed_config(side, channels) == name and name in CONFIG_NAMES
    smallest = load_space(load_config(name).space).menus[0].resolution[0]
    # Images are never blown up to begin with.
    assert smallest <= max(side, 16) or side == 48


def folder_of(path: Path, sides: list[int], channels: int) -> Path:
    for label in ("a", "b"):
        (path / label).mkdir(parents=True)
        for number, side in enumerate(sides):
            image = tf.zeros([side, side + 2, channels], tf.uint8)
            (path / label / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    return path


def test_a_source_is_judged_by_a_look_at_some_images(tmp_path: Path) -> None:
    small = folder_of(tmp_path / "small", [30, 32, 34] * 20, 3)
    assert propose_config(DataConfig(source=f"folder:{small}")) == "colour32"
    mixed = folder_of(tmp_path / "mixed", [90, 200, 300], 1)
    (mixed / "a" / "0.png").write_bytes(b"damaged")
    (mixed / "b" / "0.png").unlink()
    (mixed / "b" / "0.png").symlink_to(tmp_path / "nothing")
    assert propose_config(DataConfig(source=f"folder:{mixed}")) == "photos"


def test_images_are_judged_as_they_are_stored(tmp_path: Path) -> None:
    large = f"folder:{folder_of(tmp_path / 'large', [200] * 3, 3)}"
    assert propose_config(DataConfig(source=large)) == "photos"
    assert propose_config(DataConfig(source=large, image_size=32)) == "colour32"
    assert propose_config(DataConfig(source=large, image_size=32, channels=1)) == "quickstart"
    grey = f"folder:{folder_of(tmp_path / 'grey', [30] * 3, 1)}"
    assert propose_config(DataConfig(source=grey, channels=3)) == "colour32"


@pytest.mark.slow
def test_a_dry_run_names_the_configuration_that_fits(tmp_path: Path) -> None:
    images = folder_of(tmp_path / "images", [20] * 40, 3)
    command = ["run", "--run", str(tmp_path / "run"), "--data", str(images), "--dry-run"]
    result = CliRunner().invoke(
        app, [*command, "--set", "supernet.batch_size=8", "--set", "members.batch_size=8"]
    )
    assert result.exit_code == 0, result.output
    assert "family of space colour32" in result.output
    assert not (tmp_path / "run").exists()


def test_without_images_a_new_run_needs_a_configuration(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "--run", str(tmp_path / "run"), "--seed", "1"])
    assert result.exit_code != 0 and not (tmp_path / "run").exists()
