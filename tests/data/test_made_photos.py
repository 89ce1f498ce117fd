"""`scripts/make_photos.py` makes what people have on their disks, and a run reads all of it."""

from __future__ import annotations

import filecmp
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scalenet_tf.config import DataConfig
from scalenet_tf.data.load import load_checked

ROOT = Path(__file__).resolve().parents[2]


def plain_images(folder: Path, classes: int, count: int) -> Path:
    """Colour images of one size in folders of classes."""
    rng = np.random.default_rng(0)
    for label in range(classes):
        (folder / f"class {label}").mkdir(parents=True)
        for number in range(count):
            pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
            image = Image.fromarray(pixels).resize((32, 32), Image.Resampling.BICUBIC)
            image.save(folder / f"class {label}" / f"{number:03}.png")
    return folder


def make_photos(source: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "make_photos.py"), str(source), str(output), *options]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    made = make_photos(plain_images(folder / "plain", 3, 60), folder / "photos", "--per-class", "60")
    assert made.returncode == 0 and "150 photos of 3 classes" in made.stdout, made.stderr
    return folder / "photos"


def test_every_photo_is_read_and_what_was_done_is_known(photos: Path) -> None:
    info = load_checked(DataConfig(source=f"folder:{photos}"), 0, side=40).data.info
    assert (info.channels, info.classes, sum(info.counts.values())) == (3, 3, 150)
    assert info.stored is not None
    assert 30 <= info.stored.smallest < info.stored.largest <= 96
    assert info.stored.grey and info.stored.transparent and info.stored.turned


def test_there_are_formats_suffixes_and_folders_of_all_kinds(photos: Path) -> None:
    files = [path for path in photos.rglob("*") if path.is_file()]
    suffixes = {path.suffix for path in files}
    assert {".jpg", ".png", ".webp", ".heic", ".txt"} <= suffixes
    assert any(suffix.isupper() for suffix in suffixes)
    assert {len(path.relative_to(photos).parts) for path in files} == {2, 3, 4}


def test_the_same_seed_makes_the_same_folder(photos: Path) -> None:
    again = photos.with_name("again")
    assert make_photos(photos.with_name("plain"), again, "--per-class", "60").returncode == 0
    names = sorted(str(path.relative_to(photos)) for path in photos.rglob("*") if path.is_file())
    assert filecmp.cmpfiles(photos, again, names, shallow=False) == (names, [], [])


def test_too_few_images_and_a_place_that_is_taken_are_refused(photos: Path) -> None:
    many = make_photos(photos.with_name("plain"), photos.with_name("many"), "--per-class", "61")
    assert many.returncode != 0 and "`--per-class` must be at most" in many.stderr
    taken = make_photos(photos.with_name("plain"), photos)
    assert taken.returncode != 0 and "`output` must be a path where nothing is" in taken.stderr
