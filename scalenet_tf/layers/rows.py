"""Rows of weights: what a step reads of a stacked variable, and all that it may change.

Every weight of a dynamic layer is stacked: [rows, ...], a row for each (slot, op) that it serves. A
step gathers the rows in use, cuts their leading channels and computes with these *values*; gradients
are taken of them, and an optimizer writes back inside them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import keras
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError

Kind = Literal["conv", "dense", "bias", "norm"]
Width: TypeAlias = int | tf.Tensor
# The values of one row, or of many stacked rows, by weight name; nested by sublayer.
Weights = dict[str, Any]


@dataclass(frozen=True)
class RowSlice:
    """The part of a stacked variable that a step uses.

    Attributes:
      variable: The stacked variable, [rows, ...].
      kind: What it is, for the optimizer's weight decay.
      rows: int32 [n], the rows in use, each once.
      gathered: [n, ...], those rows whole.
      values: [n, ...], their leading channels.
      used: bool, broadcastable to `values`: False on channels that a row's own op does not use;
        None where all are used.
    """

    variable: keras.Variable
    kind: Kind
    rows: tf.Tensor
    gathered: tf.Tensor
    values: tf.Tensor
    used: tf.Tensor | None = None


class DynamicLayer(keras.layers.Layer):
    """Base of the layers: `select` picks weights, `compute` states the mathematics of one row.

    `call` joins both, for use as an ordinary Keras layer; the super-supernet calls `select` once a
    step and `compute` for each block.

    Args:
      rows: How many sets of weights the layer holds.
      seed: Of the initial values; non-negative integers.
    """

    def __init__(self, rows: int = 1, seed: Sequence[int] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if rows < 1:
            raise ScaleNetError(f"`rows` must be at least 1. Received: {rows}")
        self.rows = rows
        self.seed = None if seed is None else list(seed)

    def add_rows(self, name: str, shape: Sequence[int], initializer: Any) -> keras.Variable:
        """Makes a stacked weight [rows, *shape]."""
        # Not cast by mixed precision: that would read all rows, and `compute` casts what it uses.
        return self.add_weight(name=name, shape=(self.rows, *shape), initializer=initializer, autocast=False)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> keras.KerasTensor:
        # Keras' own would pass no row and no width on.
        return keras.KerasTensor(self.compute_output_shape(inputs.shape, *args, **kwargs), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rows": self.rows, "seed": self.seed}


def slice_rows(
    variable: keras.Variable,
    kind: Kind,
    rows: tf.Tensor,
    size: Sequence[Width],
    used: tf.Tensor | None = None,
) -> RowSlice:
    """Gathers `rows` of a stacked variable and cuts the leading `size` of its other axes."""
    # Gathering from the resource reads the rows alone; a whole read would copy everything.
    gathered = tf.gather(variable.value, rows)
    cut = (slice(None), *(slice(None, extent) for extent in size))
    return RowSlice(variable, kind, rows, gathered, gathered[cut], used)


def values(selection: Mapping[str, Any]) -> Weights:
    """The tensors of a (nested) selection: [n, ...] each."""
    return {
        name: part.values if isinstance(part, RowSlice) else values(part) for name, part in selection.items()
    }


def flatten(selection: Mapping[str, Any]) -> list[RowSlice]:
    """The row slices of a (nested) selection, in order."""
    found: list[RowSlice] = []
    for part in selection.values():
        found += [part] if isinstance(part, RowSlice) else flatten(part)
    return found


def limit(selection: Mapping[str, Any], active: tf.Tensor) -> dict[str, Any]:
    """The (nested) selection with `used` False on all of the rows that are not `active`: bool [n]."""

    def limited(part: RowSlice) -> RowSlice:
        rows = tf.reshape(active, [-1] + [1] * (part.values.shape.rank - 1))
        return replace(part, used=rows if part.used is None else part.used & rows)

    return {
        name: limited(part) if isinstance(part, RowSlice) else limit(part, active)
        for name, part in selection.items()
    }


def one_row(weights: Mapping[str, Any], index: Any = 0) -> Weights:
    """One row of stacked values."""
    return {
        name: one_row(part, index) if isinstance(part, Mapping) else part[index]
        for name, part in weights.items()
    }
