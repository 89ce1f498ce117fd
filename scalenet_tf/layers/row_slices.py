"""Rows of weights: what a step reads of a stacked variable, and all that it may change.

Every weight of a dynamic layer is stacked: [rows, ...], a row for each (slot, op) that it serves. A
step gathers the rows in use, cuts their leading channels and computes with these *values*; gradients
are taken of them, and an optimizer writes back inside them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.slicing import Beyond, Cut, Width, make_cut
from scalenet_tf.space.rules import padding

Kind = Literal["conv", "dense", "bias", "norm"]
# The values of one row, or of many stacked rows, by weight name; nested by sublayer.
Weights = dict[str, Any]


@dataclass(frozen=True)
class RowSlice:
    """The part of a stacked variable that a step uses.

    Attributes:
      variable: The stacked variable, [rows, ...].
      kind: What it is, for the optimizer's weight decay.
      rows: int32 [n], the rows in use, each once.
      size: How much of every other axis.
      cut: How the leading channels of these rows are read and written.
      values: [n, ...], the leading channels of the rows.
      beyond: What lies beyond them and is read and written with them; None where nothing does.
      used: bool, broadcastable to `values`: False on channels that a row's own op does not use;
        None where all are used.
      taps: bool, broadcastable to `values`: False outside a row's own, smaller kernel, where weights and
        gradients are zero; None where there is no such place.
    """

    variable: keras.Variable
    kind: Kind
    rows: tf.Tensor
    size: tuple[Width, ...]
    cut: Cut
    values: tf.Tensor
    beyond: Beyond
    used: tf.Tensor | None = None
    taps: tf.Tensor | None = None

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Beyond]:
        """The same part of another variable of that shape, such as its momentum, and what lies beyond it."""
        return self.cut.read(variable)

    def write(self, variable: tf.Variable, values: tf.Tensor, beyond: Beyond) -> None:
        """Writes into this part, in a replica's context; `beyond` is as it was read."""
        self.cut.write(variable, values, beyond)


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
    cut = make_cut(rows, size, variable.shape[1:])
    return RowSlice(variable, kind, rows, tuple(size), cut, *cut.read(variable.value), used)


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


def pad(images: tf.Tensor, kernel_size: int) -> tf.Tensor:
    """Zeros on all sides, for a strided convolution by a kernel of so many pixels."""
    # oneDNN's gradients of strided convolutions do not take explicit padding, TensorFlow's own are slow.
    edge = [padding(kernel_size)] * 2
    return tf.pad(images, [[0, 0], edge, edge, [0, 0]])


def limit(selection: Mapping[str, Any], active: tf.Tensor) -> dict[str, Any]:
    """The (nested) selection with `used` False on all of the rows that are not `active`: bool [n]."""

    def limited(part: RowSlice) -> RowSlice:
        rows = tf.reshape(active, [-1] + [1] * (part.values.shape.rank - 1))
        return replace(part, used=rows if part.used is None else part.used & rows)

    return {
        name: limited(part) if isinstance(part, RowSlice) else limit(part, active)
        for name, part in selection.items()
    }


def at_end(selection: Mapping[str, Any], trailing: tf.Tensor) -> dict[str, Any]:
    """The (nested) selection in the trailing channels of the same rows, where `trailing` is 1: int32 []."""

    def moved(part: RowSlice) -> RowSlice:
        cut = make_cut(part.rows, part.size, part.variable.shape[1:], trailing)
        read, beyond = cut.read(part.variable.value)
        return replace(part, cut=cut, values=read, beyond=beyond)

    return {
        name: moved(part) if isinstance(part, RowSlice) else at_end(part, trailing)
        for name, part in selection.items()
    }


def one_row(weights: Mapping[str, Any]) -> Weights:
    """The values of the only row of each."""
    return {
        name: one_row(part) if isinstance(part, Mapping) else tf.squeeze(part, 0)
        for name, part in weights.items()
    }
