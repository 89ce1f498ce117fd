"""The weights of a model as an npz file of named arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from scalenet_tf.errors import DamagedFileError
from scalenet_tf.utils import files
from scalenet_tf.utils.npz import pack, read_npz


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """All weights by path, such as "stem_conv/kernel", including batch-norm statistics."""
    return {variable.path: variable.value.numpy() for variable in model.weights}


def save_weights(path: Path, model: keras.Model) -> Path:
    """Writes `weights_of(model)` atomically; equal weights give equal bytes."""
    return files.write_bytes(path, pack(weights_of(model)))


def load_weights(path: Path, model: keras.Model, advice: str | None = None) -> None:
    """Fills `model` from a file of `save_weights`.

    Args:
      path: The file.
      model: The model.
      advice: Sentence that tells the user what to do about a file that cannot be used. Default: that for a
        file of a run, whose folder can be moved away.

    Raises:
      ScaleNetError: If the file is missing, damaged, or belongs to another network.
    """
    arrays = read_npz(path, advice or f"Put it back, or move {str(path.parent)!r} away to begin again.")
    assign({variable.path: variable for variable in model.weights}, arrays, path, advice)


def set_weights(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Fills `model` with weights from `weights_of` a model of the same subnet."""
    for variable in model.weights:
        variable.assign(arrays[variable.path])


def digest(model: keras.Model) -> str:
    """Digest of the weights: 16 hexadecimal digits, equal if and only if all weights are equal to the bit."""
    return digest_of(weights_of(model))


def digest_of(weights: Mapping[str, np.ndarray]) -> str:
    """Digest of weights by path, as from `weights_of` or a file of `save_weights`; see `digest`."""
    sha = hashlib.sha256()
    for name, array in sorted(weights.items()):
        sha.update(f"{name}{array.dtype}{array.shape}".encode())
        sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()[:16]


def assign(
    variables: Mapping[str, keras.Variable],
    arrays: Mapping[str, np.ndarray],
    path: Path,
    advice: str | None = None,
) -> None:
    """Sets all variables, or none, to the arrays of their names.

    Args:
      variables: Variables by name.
      arrays: Arrays by name, read from `path`.
      path: File to name in errors.
      advice: Sentence that tells the user what to do. Default: that for a file of a run.

    Raises:
      ScaleNetError: If an array is missing or has another shape.
    """
    for name, variable in variables.items():
        if name not in arrays or arrays[name].shape != tuple(variable.shape):
            raise DamagedFileError(
                f"{str(path)!r} holds the weights of another network: {name!r} of shape "
                f"{tuple(variable.shape)} is not in it. "
                f"{advice or f'Move {str(path.parent)!r} away to begin again.'}"
            )
    for name, variable in variables.items():
        variable.assign(arrays[name])
