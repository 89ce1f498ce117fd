"""The base class of the dynamic layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from scalenet_tf.utils.inputs import check_least


class DynamicLayer(keras.layers.Layer):
    """Base class of layers that hold several sets of weights and run any leading channels of one of them.

    A subclass has two methods: `select` slices the weights to use, and `compute` states the mathematics for
    the values of one row. `call` joins both, so that the layer works like any Keras layer. The
    super-supernet calls `select` once per step and `compute` for each block.

    Args:
      rows: Number of sets of weights, at least 1.
      seed: Seed for weight initialisation: non-negative integers, or None for NumPy's global generator.
    """

    def __init__(self, rows: int = 1, seed: Sequence[int] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        check_least("rows", rows, 1)
        self.rows = rows
        self.seed = None if seed is None else list(seed)

    def add_rows(self, name: str, shape: Sequence[int], initializer: Any) -> keras.Variable:
        """Adds a stacked weight [rows, *shape]."""
        # Not cast by mixed precision: that would read all rows, and `compute` casts what it uses.
        return self.add_weight(name=name, shape=(self.rows, *shape), initializer=initializer, autocast=False)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> keras.KerasTensor:
        # Keras' own would pass no row and no width on.
        return keras.KerasTensor(self.compute_output_shape(inputs.shape, *args, **kwargs), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rows": self.rows, "seed": self.seed}
