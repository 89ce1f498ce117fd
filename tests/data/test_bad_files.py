"""One bad file is one bad file: named with the reason, or left out and counted, and never waited for."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import DataConfig
from scalenet_tf.data import load_data
from scalenet_tf.data.folder_listing import Unused, list_images
from scalenet_tf.data.image_files import stored_file
from scalenet_tf.data.image_header import MAX_PIXELS, header_size, too_large, within_limit
from scalenet_tf.data.reading import PLAIN
from scalenet_tf.errors import ScaleNetError
from tests.helpers.image_sets import random_images

Write = Callable[..., Path]


def bomb(side: int) -> bytes:
    """A PNG of side x side pixels, as its header says, that holds only a few of them."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "link to nothing": (lambda path: path.symlink_to("absent.png"), "a link to nothing"),
    "link to itself": (lambda path: path.symlink_to(path.name), "a link to nothing"),
    "folder": (lambda path: path.mkdir(), "a folder"),
    "pipe": (lambda path: os.mkfifo(path), "a pipe"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
    "huge": (lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 2**31), "2147483648 bytes"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_known_without_opening_it(kind: str, tmp_path: Path) -> None:
    make, problem = KINDS[kind]
    make(tmp_path / "x.png")
    assert stored_file(str(tmp_path / "x.png")).problem == problem


def test_bad_files_are_named_or_left_out(tmp_path: Path, write_folder: Write) -> None:
    write_folder(tmp_path / "train", 10)
    write_folder(tmp_path / "test", 3, seed=1)
    (tmp_path / "train" / "cat" / "000a.png").write_bytes(bomb(20_000))
    (tmp_path / "train" / "cat" / "000b.png").write_bytes(bomb(2**31 + 5))
    os.mkfifo(tmp_path / "test" / "owl" / "0.png")
    given = DataConfig(source=f"folder:{tmp_path}")
    limit = r"the limit is 67,108,864"
    with pytest.raises(ScaleNetError, match=r"3 of 42 images cannot be decoded: ") as error:
        load_data(given, 0)
    for named in (
        rf"train/cat/000a.png' \(20,000 x 20,000 pixels, {limit}\)",
        rf"train/cat/000b.png' \(2,147,483,653 x 2,147,483,653 pixels, {limit}\)",
        r"test/owl/0.png' \(a pipe\)",
    ):
        assert error.match(named)
    for make, _ in KINDS.values():
        for number, split in enumerate(("train/cat", "test/owl")):
            make(tmp_path / split / f"{number}{len(list((tmp_path / split).iterdir()))}.png")
    for gigabytes in (1.0, 0.0):
        change = {"skip_corrupt": True, "cache_gigabytes": gigabytes}
        data = load_data(given.model_copy(update=change), 0)
        assert data.info.skipped == 3 + 2 * len(KINDS)
        assert sum(data.info.counts.values()) == 39 and data.info.counts["test"] == 9
        test = data.evaluation_batches("test", resolution=12, batch_size=20)
        assert [len(labels) for _, labels in test] == [9]
        read = {"train": data.train, "validation": data.validation, "test": data.test}
        assert data.info.class_counts == {
            split: tuple(np.bincount(examples.class_ids(), minlength=data.info.classes))
            for split, examples in read.items()
        }
        next(iter(data.training_batches(batch_size=data.info.counts["train"], seed=0, resolutions=[12])))


def test_a_record_of_many_pixels_is_named(tmp_path: Path, write_records: Write) -> None:
    folder = write_records(tmp_path / "Split-train", 30)
    example = tf.train.Example()
    example.features.feature["image"].bytes_list.value.append(bomb(20_000))
    example.features.feature["label"].int64_list.value.append(1)
    with tf.io.TFRecordWriter(str(folder / "more.gz"), "GZIP") as writer:
        writer.write(example.SerializeToString())
    write_records(tmp_path / "Split-test", 9, seed=1)
    with pytest.raises(ScaleNetError, match=r"record 0 of '.*more.gz' \(20,000 x 20,000 pixels, the limit"):
        load_data(DataConfig(source=f"tfrecord:{tmp_path}"), 0)


def test_names_that_are_not_utf8(tmp_path: Path, write_folder: Write) -> None:
    source = f"folder:{write_folder(tmp_path / 'images', 10)}"
    image = tf.io.encode_png(random_images(1, seed=9)[0]).numpy()
    for label in (b"cat", b"dog"):
        with open(os.fsencode(tmp_path / "images") + b"/" + label + b"/caf\xe9.png", "wb") as file:
            file.write(image)
    for gigabytes in (1.0, 0.0):
        data = load_data(DataConfig(source=source, cache_gigabytes=gigabytes), 0)
        assert sum(data.info.counts.values()) == 32
        rows = [len(labels) for _, labels in data.evaluation_batches("train", resolution=12, batch_size=99)]
        assert rows == [data.info.counts["train"]]
    os.mkdir(os.fsencode(tmp_path / "images") + b"/s\xe4ge")
    with pytest.raises(ScaleNetError, match=r"must have a name in UTF-8.*Received: 's\\udce4ge'"):
        load_data(DataConfig(source=source), 0)


def test_only_images_of_more_pixels_than_the_limit_are_refused() -> None:
    image = np.zeros((7, 5, 3), np.uint8)
    for encoded in (tf.io.encode_png(image), tf.io.encode_jpeg(image)):
        assert sorted(header_size(encoded).numpy()) == [5, 7]
        assert within_limit(encoded) == encoded
    for other in (b"", b"BM", b"\x89PNG\r\n\x1a\n", b"text"):
        assert within_limit(tf.constant(other)) == other
    side = int(MAX_PIXELS**0.5)
    assert within_limit(tf.constant(bomb(side))) == bomb(side)
    assert within_limit(tf.constant(bomb(side + 1))) == b""


def test_files_are_listed_by_name_with_their_sizes(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpeg", "c.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = list_images(str(tmp_path), PLAIN, unused := Unused())
    assert [(Path(file.path).name, file.size, file.problem) for file in found] == [
        ("a.jpeg", 6, None),
        ("b.PNG", 5, None),
    ]
    assert unused.described() == ("1 .txt",)
    assert stored_file(str(tmp_path / "absent")).problem == "No such file or directory"


def riff(kind: bytes, head: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(head)) + head
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def gif(screen: tuple[int, int], *frames: tuple[int, int]) -> bytes:
    """A GIF of black frames whose data are cut, with an extension before each of them."""
    content = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6)
    for frame in frames:
        content += b"\x21\xf9\x04" + bytes(4) + b"\0"
        content += b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0x81) + bytes(12) + b"\x02\x02\x44\x01\0"
    return content + b"\x3b"


LARGE = "16,000 x 12,000 pixels, the limit is 67,108,864"
UNSAFE: dict[str, tuple[bytes, str | None]] = {
    "vp8": (riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16000, 12000)), LARGE),
    "vp8l": (riff(b"VP8L", b"\x2f" + struct.pack("<I", 15999 | 11999 << 14)), LARGE),
    "vp8x": (riff(b"VP8X", bytes(4) + struct.pack("<I", 15999)[:3] + struct.pack("<I", 11999)[:3]), LARGE),
    "small vp8x": (riff(b"VP8X", bytes(10)), None),
    "animated": (riff(b"VP8X", b"\x02" + bytes(9)), "an animated WebP, give a still image"),
    "cut webp": (b"RIFF\0\0\0\0WEBPVP8X", None),
    "other riff": (b"RIFF\0\0\0\0WAVE", None),
    "screen": (gif((16000, 12000)), LARGE),
    "frame": (gif((5, 5), (5, 5), (16000, 12000)), LARGE),
    "frames": (
        gif((8000, 8000), *[(8000, 8000)] * 1000),
        "4 or more frames of 256,000,000 pixels, the limit is 201,326,592",
    ),
    "small gif": (gif((300, 200), (300, 200), (300, 200)), None),
    "cut gif": (gif((5, 5), (5, 5))[:20], None),
    "gif of nothing": (b"GIF89a", None),
}


@pytest.mark.parametrize("kind", UNSAFE)
def test_gif_and_webp_are_refused_by_their_headers(kind: str) -> None:
    content, problem = UNSAFE[kind]
    assert too_large(content) == problem
    assert within_limit(tf.constant(content)) == (content if problem is None else b"")
