"""npz files of named arrays, written with equal bytes for equal arrays, and read whole or refused."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from scalenet_tf.errors import DamagedFileError, NotReadyError, first_line

# What NumPy and zipfile raise for files that are truncated or hold something else. The second line: flipped
# bits in a zip header ask for an unknown compression or for a password; those in an
# array's header ask for a shape beyond any memory, or are no literal.
_DAMAGE = (
    *(ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error),
    *(NotImplementedError, RuntimeError, MemoryError, OverflowError, SyntaxError),
)


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Packs named arrays into the bytes of an npz file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def read_npz(path: Path, advice: str) -> dict[str, np.ndarray]:
    """Reads all arrays of an npz file.

    Args:
      path: The file.
      advice: Sentence that tells the user what to do if the file cannot be read.

    Raises:
      ScaleNetError: If the file is missing or damaged; the text names it, with the advice.
    """
    if not path.is_file():
        raise NotReadyError(f"{str(path)!r} is not there. {advice}")
    try:
        # From memory: NumPy leaves a file that it cannot read open.
        with np.load(io.BytesIO(path.read_bytes())) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (*_DAMAGE, AttributeError) as error:
        raise DamagedFileError(f"{str(path)!r} is damaged ({first_line(error)}). {advice}") from error


def map_array(path: Path, advice: str) -> np.ndarray:
    """Maps the array of an npy file into memory, read-only; errors are those of `read_npz`."""
    try:
        found = np.load(path, mmap_mode="r")
        if not isinstance(found, np.ndarray):
            raise ValueError("it holds several arrays")
        return found
    except _DAMAGE as error:
        raise DamagedFileError(f"{str(path)!r} is damaged ({first_line(error)}). {advice}") from error
