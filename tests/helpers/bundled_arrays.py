"""The bundled images, inflated once in a process."""

from __future__ import annotations

import functools

import numpy as np

from scalenet_tf.data.sources import bundled

_read = bundled._arrays


@functools.cache
def _kept(*names: str) -> list[np.ndarray]:
    arrays = _read(*names)
    for array in arrays:
        array.flags.writeable = False
    return arrays


def read_once() -> None:
    """Lets every run of this process share the arrays of the bundled file, which nothing can write to."""
    bundled._arrays = _kept
