"""npz files: equal bytes for equal arrays, and readable errors for what is none."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.errors import DamagedFileError, NotReadyError
from scalenet_tf.utils import files
from scalenet_tf.utils.npz import map_array, pack, read_npz

ARRAYS = {"stem/kernel": np.arange(12.0).reshape(3, 4), "text": np.array("a text")}


def test_arrays_come_back_and_equal_ones_have_equal_bytes(tmp_path: Path) -> None:
    content = pack(ARRAYS)
    assert content == pack(ARRAYS)
    found = read_npz(files.write_bytes(tmp_path / "a.npz", content), "")
    assert sorted(found) == sorted(ARRAYS)
    np.testing.assert_array_equal(found["stem/kernel"], ARRAYS["stem/kernel"])


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"garbage", pack({})[:-3], b"[]", npy(np.zeros(3)), b"PK\x03\x04"])
def test_what_is_no_npz_is_named_with_the_advice(tmp_path: Path, content: bytes) -> None:
    file = files.write_bytes(tmp_path / "weights.npz", content)
    with pytest.raises(DamagedFileError, match=r"weights\.npz' is damaged \(.+\)\. Put it back\."):
        read_npz(file, "Put it back.")


def test_every_cut_and_every_flipped_bit_is_refused_or_harmless(tmp_path: Path) -> None:
    content, rng, file = pack(ARRAYS), random.Random(0), tmp_path / "weights.npz"
    damaged = [content[:end] for end in range(0, len(content), 7)]
    for _ in range(500):
        flipped = bytearray(content)
        flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        damaged.append(bytes(flipped))
    refused = 0
    for one in damaged:
        file.write_bytes(one)
        try:
            read_npz(file, "")
        except DamagedFileError:
            refused += 1
    assert refused > 0.5 * len(damaged)


def test_no_file_is_not_damage(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match=r"a\.npz' is not there\. Train first\."):
        read_npz(tmp_path / "a.npz", "Train first.")


@pytest.mark.parametrize("content", [b"", b"garbage", npy(np.zeros(300))[:-8], pack(ARRAYS)])
def test_a_mapped_array_that_is_damaged_is_named(tmp_path: Path, content: bytes) -> None:
    file = files.write_bytes(tmp_path / "answers.npy", npy(np.ones((2, 3))))
    assert map_array(file, "").sum() == 6
    with pytest.raises(DamagedFileError, match=r"answers\.npy' is damaged .* Remove it\."):
        map_array(files.write_bytes(file, content), "Remove it.")
