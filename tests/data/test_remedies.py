"""Every remedy that an error about the images of a run names is possible."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf

from scalenet_tf.cli.options import open_run
from scalenet_tf.config import load_config, override_config
from scalenet_tf.data import open_data, run_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.utils import files
from tests.helpers.image_sets import random_images
from tests.helpers.stored import member_of, write_members, write_results

Write = Callable[..., Path]


@pytest.fixture(params=["in memory", pytest.param("streamed", marks=pytest.mark.slow)])
def run(request: pytest.FixtureRequest, tmp_path: Path, write_folder: Write) -> Run:
    """A run whose training has begun on whole images."""
    images = tmp_path / "images"
    write_folder(images / "train", 10)
    write_folder(images / "test", 3, seed=1)
    given = [
        f"data.source=folder:{images}",
        f"data.cache_gigabytes={1 if request.param == 'in memory' else 0}",
    ]
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", given))
    again(run)
    run.supernet.mkdir()
    return run


def again(run: Run) -> None:
    """Opens the data as a new process does."""
    run_data._load.cache_clear()
    open_data(Run.open(run.path))


def image(run: Run, name: str) -> Path:
    return run.path.parent / "images" / name


def score_a_member(run: Run) -> None:
    write_members(run, member_of(draw_subnet(run.space(), 0, 0).subnet))
    write_results(run, 0)


@pytest.mark.parametrize("remedy", ["repair", "remove", "leave out"])
def test_a_corrupt_test_image_of_a_run_that_has_begun(run: Run, remedy: str) -> None:
    broken = image(run, "test/dog/001.png")
    broken.write_bytes(b"no image")
    with pytest.raises(
        ScaleNetError,
        match=rf"1 of 39 images cannot be decoded: .*Repair or remove them, or leave them out: once, with: "
        rf"scalenet train --run {run.path} --set data.skip_corrupt=true",
    ):
        again(run)
    if remedy == "repair":
        broken.write_bytes(tf.io.encode_png(random_images(1, seed=50)[0]).numpy())
    elif remedy == "remove":
        broken.unlink()
    else:
        open_run(run.path, None, ["data.skip_corrupt=true"])
    again(run)
    again(run)
    assert run.data_info().counts["test"] == (9 if remedy == "repair" else 8)


def test_a_corrupt_test_image_among_the_training_images(tmp_path: Path, write_folder: Write) -> None:
    images = write_folder(tmp_path / "images", 10)
    given = [f"data.source=folder:{images}", "data.cache_gigabytes=0", "data.test_fraction=0.5"]
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", given))
    again(run)
    run.supernet.mkdir()
    for file in sorted(images.glob("cat/*.png")):  # which half of them are test images is drawn
        content = file.read_bytes()
        file.write_bytes(b"no image")
        with pytest.raises(ScaleNetError) as error:
            again(run)
        if "Repair them, or leave them out" in str(error.value):
            file.write_bytes(tf.io.encode_png(random_images(1, seed=50)[0]).numpy())
            again(run)
            return
        file.write_bytes(content)
    pytest.fail("none of them is a test image")


def test_a_run_of_an_earlier_version_leaves_a_corrupt_test_image_out(run: Run) -> None:
    image(run, "test/dog/001.png").write_bytes(b"no image")
    run.data_file.unlink()
    shutil.rmtree(run.supernet)
    open_run(run.path, None, ["data.skip_corrupt=true"])
    again(run)
    strict = override_config(Run.open(run.path).config, ["data.skip_corrupt=false"])
    files.write_text(run.config_file, strict.to_yaml())
    run.supernet.mkdir()
    # Earlier versions counted it, and had no digest of the training images.
    facts = files.read_json(run.data_file)
    del facts["training_digest"]
    facts["counts"]["test"] += 1
    files.write_json(run.data_file, facts | {"skipped": 0})
    with pytest.raises(ScaleNetError, match=r"decoded: .*dog/001.png'\. Leave them out: once, with"):
        again(run)
    open_run(run.path, None, ["data.skip_corrupt=true"])
    again(run)
    info = read_data_info(run)
    assert info is not None and info.counts["test"] == 8 and info.training_digest is not None


def test_test_images_that_members_were_scored_on_must_stay(run: Run) -> None:
    score_a_member(run)
    again(run)
    content = image(run, "test/dog/001.png").read_bytes()
    image(run, "test/dog/001.png").unlink()
    with pytest.raises(ScaleNetError, match=r"other test images .* members s0 were scored on.*as they were"):
        again(run)
    image(run, "test/dog/001.png").write_bytes(b"no image")
    with pytest.raises(ScaleNetError, match=r"s0 were scored on them: put them back as they were, or start"):
        again(run)
    image(run, "test/dog/001.png").write_bytes(content)
    again(run)


def test_corrupt_training_images_must_come_back(run: Run) -> None:
    content = image(run, "train/dog/001.png").read_bytes()
    image(run, "train/dog/001.png").write_bytes(b"no image")
    with pytest.raises(ScaleNetError, match=r"has been trained on them: put them back as they were, or"):
        again(run)
    image(run, "train/dog/001.png").write_bytes(content)
    again(run)


def test_images_may_change_until_a_step_has_begun(tmp_path: Path, write_folder: Write) -> None:
    images = write_folder(tmp_path / "images", 5)
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", [f"data.source=folder:{images}"]))
    again(run)  # data.json is written, and a check of the batch size asks for more images
    write_folder(images, 20)
    again(run)
    assert sum(run.data_info().counts.values()) == 60


def test_moved_images(run: Run, write_folder: Write, tmp_path: Path) -> None:
    new = tmp_path / "new place"
    image(run, "").rename(new)
    with pytest.raises(
        ScaleNetError,
        match=rf"are not at '.*/images' any more\. If they were moved, give their new place: once, with: "
        rf"scalenet train --run {run.path} --data folder:NEWPLACE",
    ):
        again(run)
    with pytest.raises(ScaleNetError, match=r"must be a folder\. Received: '.*/nowhere'"):
        open_run(run.path, None, [f"data.source=folder:{tmp_path / 'nowhere'}"])
    write_folder(tmp_path / "others" / "train", 10, seed=7)
    write_folder(tmp_path / "others" / "test", 3, seed=1)
    if run.config.data.cache_gigabytes:  # otherwise names and sizes decide
        before = run.config_file.read_bytes()
        with pytest.raises(ScaleNetError, match=r"other images than those of .*others.* in: digest\)"):
            open_run(run.path, None, [f"data.source=folder:{tmp_path / 'others'}"])
        assert run.config_file.read_bytes() == before
    open_run(run.path, None, [f"data.source=folder:{new}"])
    again(run)
    assert Run.open(run.path).config.data.source == f"folder:{new}"
