"""Work in `scratch` outlives the artifact that it made, and goes when nobody has used it for long."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from components.common.artifact import Made, produce
from components.common.artifact_types import FAMILY
from components.common.lineage import Lineage
from components.common.scratch import KEPT_DAYS, remove_unused, use_folder
from scalenet_tf.utils import files


def test_an_output_that_the_runner_lost_is_filled_again_from_the_work(tmp_path: Path) -> None:
    output, scratch, trained = tmp_path / "output", tmp_path / "scratch", []

    def work(folder: Path) -> Made:
        saved = folder / "weights"
        if not saved.is_file():
            trained.append(files.write_text(saved, "long"))
        return Made({"weights": saved})

    def attempt(scratch: str) -> None:
        produce(str(output), FAMILY, Lineage("family_trainer", {}, {}), work, scratch)
        assert (output / "weights").read_text() == "long"
        shutil.rmtree(output)

    attempt(str(scratch))
    attempt(str(scratch))
    assert len(trained) == 1
    attempt("")
    attempt("")
    assert len(trained) == 3 and [path.name for path in tmp_path.iterdir()] == ["scratch"]


def test_only_work_that_nobody_uses_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = files.write_text(tmp_path / f"photos-{'0' * 16}" / "1.png", "an image").parent
    unused, trains, new = (use_folder(tmp_path, f"family_trainer-{digit * 16}") for digit in "abc")
    for folder in (unused, trains):
        files.write_text(folder / "run" / "supernet" / "ckpt-1.index", "steps")
    then = time.time() - KEPT_DAYS * 86_400 - 60
    for path in tmp_path.rglob("*"):
        if path.is_relative_to(photos) or path.is_relative_to(unused) or path.parent == trains:
            os.utime(path, (then, then))
    remove_unused(tmp_path, "joint_search")
    assert sorted(tmp_path.iterdir()) == sorted([photos, trains, new])
    assert "removed unused work" in capsys.readouterr().out
    os.utime(trains / "run" / "supernet" / "ckpt-1.index", (then, then))
    produce(str(tmp_path / "output"), FAMILY, Lineage("x", {}, {}), lambda _: Made({}), str(tmp_path))
    assert not trains.exists() and photos.exists()
