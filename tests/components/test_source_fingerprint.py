"""What changes at a source is seen, at a path and at a URL; what does not, is not."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

from components.source_fingerprint.executor import fingerprint
from components.source_fingerprint.listing import version_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files


def test_other_images_in_the_same_folder_are_seen(tmp_path: Path) -> None:
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    image = tmp_path / "photos" / "cat" / "1.png"
    image.write_bytes(b"one")
    source = f"folder:{tmp_path / 'photos'}"

    def look() -> str:
        return fingerprint(config="smoke", source=source)

    seen = [look(), look()]
    assert seen[0] == seen[1]
    (tmp_path / "photos" / "cat" / "2.png").write_bytes(b"two")
    seen.append(look())
    image.write_bytes(b"three")
    seen.append(look())
    os.utime(image, (0, 0))  # other content of the same size
    seen.append(look())
    assert len(set(seen)) == 4


def test_a_store_of_objects_is_listed(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    url = f"memory://{tmp_path}/records"
    store.pipe({f"{tmp_path}/records/Split-train/1.gz": b"1", f"{tmp_path}/records/labels.txt": b"cat"})
    before = fingerprint(config="smoke", source=f"tfrecord:{url}")
    assert before == fingerprint(config="smoke", source=f"tfrecord:{url}")
    store.pipe(f"{tmp_path}/records/Split-train/1.gz", b"2")
    assert before != fingerprint(config="smoke", source=f"tfrecord:{url}")


def test_what_ships_or_is_named_changes_with_its_package() -> None:
    assert fingerprint(config="smoke") == fingerprint(config="smoke", source="bundled")
    mnist, fashion = (
        fingerprint(config="smoke", source=f"tfds:{name}") for name in ("mnist", "fashion_mnist")
    )
    assert mnist != fashion


def test_an_empty_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"`data.source` folder:PATH must be a folder that holds files"):
        fingerprint(config="smoke", source=f"folder:{tmp_path}")


def test_images_behind_links_are_seen_and_a_circle_ends(tmp_path: Path) -> None:
    stored, photos = tmp_path / "stored", tmp_path / "photos"
    (stored / "cat").mkdir(parents=True)
    (photos / "dog").mkdir(parents=True)
    for image in (stored / "cat" / "1.png", stored / "2.png"):
        image.write_bytes(b"one")
    (photos / "cat").symlink_to(stored / "cat")
    (photos / "dog" / "2.png").symlink_to(stored / "2.png")
    (photos / "dog" / "gone.png").symlink_to(stored / "gone.png")
    (photos / "dog" / "up").symlink_to(photos)

    def look() -> str:
        return fingerprint(config="smoke", source=f"folder:{photos}")

    seen = [look(), look()]
    assert seen[0] == seen[1]
    (stored / "cat" / "3.png").write_bytes(b"new in a linked folder")
    seen.append(look())
    (stored / "2.png").write_bytes(b"behind a link")
    seen.append(look())
    os.utime(stored / "2.png", ns=(0, 1))  # other content of the same size within a second
    seen.append(look())
    os.utime(stored / "2.png", ns=(0, 2))
    seen.append(look())
    (photos / "bird").symlink_to(stored / "cat")  # the same images in another class
    seen.append(look())
    assert len(set(seen)) == len(seen) - 1


def test_equal_objects_that_are_uploaded_again_are_the_same() -> None:
    google = {"size": 3, "md5Hash": "rL0Y20zC", "crc32c": "nS0a", "etag": "CPi", "generation": "17"}
    again = google | {"etag": "CKj", "generation": "18", "mtime": "2026-02-02"}
    assert version_of(google) == version_of(again) != version_of(google | {"md5Hash": "other"})
    composed = {key: value for key, value in google.items() if key != "md5Hash"}
    assert version_of(composed) == version_of(composed | {"etag": "CKj", "generation": "18"})
    assert version_of({"ETag": '"a"', "LastModified": "now"}) == version_of({"ETag": '"a"'}) == '"a"'


def test_a_prepared_set_in_a_folder_of_ones_own_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "own_set" / "1.0.0" / "own_set-train.tfrecord-00000-of-00001"

    def look(name: str) -> str:
        config = f"data: {{source: 'tfds:{name}', data_dir: {tmp_path}}}"
        return fingerprint(config=config)

    absent = look("own_set")
    files.write_bytes(file, b"one")
    prepared = look("own_set")
    assert prepared != absent and prepared == look("own_set")
    assert look("own_set:1.0.0") != look("own_set/small")
    files.write_bytes(file, b"prepared anew")
    assert look("own_set") != prepared
