"""Initializers of stacked weights, which initialise each row like a weight of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable("scalenet_tf")
class OnesThenZeros(keras.initializers.Initializer):
    """Scales of one and offsets of zero, for batch norm's [rows, 2, channels]."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        values = np.zeros(tuple(shape), dtype or keras.config.floatx())
        values[:, 0] = 1
        return values


@keras.saving.register_keras_serializable("scalenet_tf")
class RowHeNormal(keras.initializers.Initializer):
    """Normal with variance 2 / fan-in in each row of [rows, ..., in, out].

    Args:
      seed: Non-negative integers. If None, drawn from NumPy's global generator, which
        keras.utils.set_random_seed seeds.
    """

    def __init__(self, seed: Sequence[int] | None = None):
        self.seed = list(seed) if seed is not None else [int(np.random.randint(2**31))]

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        return self._normal(shape, math.prod(shape[1:-1]), dtype)

    def _normal(self, shape: Sequence[int], fan_in: int, dtype: Any) -> np.ndarray:
        # float32 draws are twice as fast, and the same whatever the dtype of the weights.
        draws = np.random.default_rng(self.seed).standard_normal(tuple(shape), dtype=np.float32)
        return (draws * math.sqrt(2.0 / fan_in)).astype(dtype or keras.config.floatx())

    def clone(self) -> RowHeNormal:
        return type(self)(**self.get_config())

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}


@keras.saving.register_keras_serializable("scalenet_tf")
class RowCentredNormal(RowHeNormal):
    """Kernels [rows, side, side, ..., channels] that are zero outside the centre of a row's kernel size.

    Args:
      kernel_sizes: Kernel sizes; row i has size kernel_sizes[i % len(kernel_sizes)].
      seed: Non-negative integers, as for `RowHeNormal`.
    """

    def __init__(self, kernel_sizes: Sequence[int], seed: Sequence[int] | None = None):
        super().__init__(seed)
        self.kernel_sizes = list(kernel_sizes)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        rows, side, _, *widths = shape
        # A depthwise kernel sums over no channels.
        kernels = self._normal(shape, math.prod(widths[:-1]), dtype)
        for row in range(rows):
            size = self.kernel_sizes[row % len(self.kernel_sizes)]
            edge = (side - size) // 2
            inside = np.zeros((side, side, *(1 for _ in widths)), kernels.dtype)
            inside[edge : side - edge, edge : side - edge] = 1 / size
            kernels[row] *= inside
        return kernels

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_sizes": self.kernel_sizes}
