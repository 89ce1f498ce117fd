"""Which files of a folder are images, and what is said of the others."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest
import tensorflow as tf

from scalenet_tf.config.source import parse_source, source_of
from scalenet_tf.data.folder_listing import Unused, count_outside, list_images
from scalenet_tf.data.named_images import named_images
from scalenet_tf.data.reading import PHOTOS, PLAIN
from scalenet_tf.data.sources.folder import open_folder


def touch(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def names(folder: Path, reading: object = PHOTOS, unused: Unused | None = None) -> list[str]:
    found = list_images(str(folder), reading, unused or Unused())  # type: ignore[arg-type]
    return [str(Path(file.path).relative_to(folder)) for file in found]


def test_nested_folders_belong_to_the_class(tmp_path: Path) -> None:
    touch(
        tmp_path / "b.jpg", tmp_path / "a" / "z.WebP", tmp_path / "a" / "deep" / "y.TIFF", tmp_path / "c.PNG"
    )
    assert names(tmp_path) == ["b.jpg", "c.PNG", "a/z.WebP", "a/deep/y.TIFF"]
    assert names(tmp_path, PLAIN) == ["b.jpg", "c.PNG"]


def test_what_is_not_used_is_counted(tmp_path: Path) -> None:
    others = ["a.heic", "b.HEIC", "c.txt", "readme", ".DS_Store", "Thumbs.db", "__MACOSX/x.jpg", ".git/x.jpg"]
    touch(tmp_path / "x.jpg", *(tmp_path / name for name in others))
    for number in range(5):
        (tmp_path / f"empty {number}").mkdir()
    (tmp_path / "again").symlink_to(tmp_path)  # would never end
    unused = Unused()
    assert names(tmp_path, PHOTOS, unused) == ["x.jpg"]
    touch(
        tmp_path / "empty 0" / "y.jpg", tmp_path / "empty 0" / "z.heic", tmp_path / "empty 0" / ".git" / "z"
    )
    count_outside(str(tmp_path / "empty 0"), PHOTOS, unused, folders=())
    assert unused.described() == (
        "3 .heic",
        "1 .txt",
        "1 without a suffix",
        "5 without images (empty 0/, empty 1/, empty 2/, …)",
        "1 link to folders",
        "1 image outside of class folders",
    )


def test_files_outside_of_class_folders_are_counted_too(tmp_path: Path) -> None:
    touch(tmp_path / "cat" / "1.jpg", tmp_path / "dog" / "1.jpg", tmp_path / "2.heic", tmp_path / "3.jpg")
    found = ("1 .heic", "1 image outside of class folders")
    assert open_folder(str(tmp_path)).unread == found
    touch(tmp_path / "labels.csv")
    assert open_folder(str(tmp_path)).unread == ("labels.csv (which task=multi_label reads)", *found)


def test_what_macos_lays_beside_images_is_no_image(tmp_path: Path) -> None:
    touch(tmp_path / "cat" / "1.jpg", tmp_path / "cat" / "._1.jpg", tmp_path / "__MACOSX" / "cat" / "2.jpg")
    assert names(tmp_path / "cat") == ["1.jpg"]
    assert names(tmp_path / "cat", PLAIN) == ["._1.jpg", "1.jpg"]  # as earlier versions read folders
    assert named_images([tmp_path]) == [tmp_path / "cat" / "1.jpg"]


def test_images_of_remote_storage_are_asked_for_at_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = f"ram:/{tmp_path}/photos"  # TensorFlow's file system in memory, as gs:// is its one of a store
    tf.io.gfile.makedirs(f"{folder}/more")
    expected = [(f"{folder}/{number:02}.jpg", number) for number in range(24)]
    expected += [(f"{folder}/more/{number:02}.jpg", number) for number in range(8)]
    for path, size in expected:
        with tf.io.gfile.GFile(path, "wb") as file:
            file.write(b"x" * size)
    together, stat = Barrier(8), tf.io.gfile.stat

    def slow(path: str) -> object:
        together.wait(timeout=20)  # fails if no other seven are on their way
        return stat(path)

    monkeypatch.setattr(tf.io.gfile, "stat", slow)
    assert [(file.path, file.size) for file in list_images(folder, PHOTOS, Unused())] == expected


def test_hidden_folders_are_skipped_unless_they_are_named(tmp_path: Path) -> None:
    hidden = tmp_path / "cat" / ".thumbnails"
    touch(tmp_path / "cat" / "1.jpg", hidden / "1.jpg", hidden / "large" / "1.jpg")
    assert names(tmp_path / "cat") == ["1.jpg"]
    assert named_images(tmp_path) == [tmp_path / "cat" / "1.jpg"]
    assert named_images([hidden]) == [hidden / "1.jpg", hidden / "large" / "1.jpg"]


def test_folders_beside_splits_are_named_with_their_images(tmp_path: Path) -> None:
    for split in ("train", "test", "holdout"):
        for label in ("cat", "dog"):
            touch(*(tmp_path / split / label / f"{number}.jpg" for number in range(3)))
    touch(tmp_path / "holdout" / "cat" / "more" / "x.webp")
    source = open_folder(str(tmp_path))
    assert source.unused == ("holdout/ (7 images)",)
    assert source.unread == ()


def test_one_path_need_not_be_in_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "shoe.png", tmp_path / "more" / "bag.jpg")
    monkeypatch.chdir(tmp_path)
    assert named_images("shoe.png") == named_images(Path("shoe.png")) == [Path("shoe.png")]
    assert named_images("more") == named_images(["more"]) == [Path("more/bag.jpg")]


@pytest.mark.parametrize("given", ["photos", "photos/", "folder:photos", Path("photos")])
def test_the_path_of_a_folder_is_a_source(
    given: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    kind, location = parse_source(source_of(given))
    assert (kind, Path(location)) == ("folder", Path("photos"))
    assert parse_source("bundled") == ("bundled", "")
