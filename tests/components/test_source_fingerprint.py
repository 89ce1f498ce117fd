"""What changes at a source is seen, at a path and at a URL; what does not, is not."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

from components.source_fingerprint.executor import fingerprint
from scalenet_tf.errors import ScaleNetError


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
