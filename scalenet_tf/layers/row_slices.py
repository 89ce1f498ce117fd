"""Row slices: the part of a stacked variable that a step reads and may change.

The weights of a dynamic layer are stacked: [rows, ...], one row for each set of weights. A step gathers the
rows in use, slices their leading channels and computes with these *values*. Gradients are taken with
respect to the values, and the optimizer writes back inside the slices alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import keras
import tensorflow as tf

from scalenet_tf.layers.slicing import Remainder, Slicer, Width, make_slicer

Kind = Literal["conv", "dense", "bias", "norm"]
# Values of one row, or of several stacked rows, by weight name; nested by sublayer.
Weights = dict[str, Any]


@dataclass(frozen=True)
class RowSlice:
    """The part of a stacked variable that a step uses.

    Attributes:
      variable: The stacked variable, [rows, ...].
      kind: Kind of weight, which decides its weight decay.
      rows: int32 [n], the rows in use, each at most once.
      size: Length of the slice along every axis but the first.
      slicer: Reads and writes the slice in the variable and in others of its shape.
      values: [n, ...], the variable's values in the slice.
      remainder: Second value that `slicer` returned when it read `values`.
      used: bool, broadcastable to `values`; False where the op of a row does not use the value. Those values
        stay as they are. None if all are used.
      kernel_mask: bool, broadcastable to `values`; False outside the kernel of a row that holds zeros
        there. None if there are no such zeros.
    """

    variable: keras.Variable
    kind: Kind
    rows: tf.Tensor
    size: tuple[Width, ...]
    slicer: Slicer
    values: tf.Tensor
    remainder: Remainder
    used: tf.Tensor | None = None
    kernel_mask: tf.Tensor | None = None

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Remainder]:
        """Reads the same slice of another variable of that shape, such as the momentum."""
        return self.slicer.read(variable)

    def write(self, variable: tf.Variable, values: tf.Tensor, remainder: Remainder) -> None:
        """Writes the slice of a variable, in a replica's context, with the remainder that `read` returned."""
        self.slicer.write(variable, values, remainder)


def slice_rows(
    variable: keras.Variable,
    kind: Kind,
    rows: tf.Tensor,
    size: Sequence[Width],
    used: tf.Tensor | None = None,
) -> RowSlice:
    """Slices the leading `size` of some rows of a stacked variable.

    Args:
      variable: The stacked variable, [rows, ...].
      kind: Kind of weight.
      rows: int32 [n], each at most once.
      size: Length of the slice along every axis but the first.
      used: bool, broadcastable to the values; see `RowSlice.used`.
    """
    slicer = make_slicer(rows, size, variable.shape[1:])
    return RowSlice(variable, kind, rows, tuple(size), slicer, *slicer.read(variable.value), used)


def values(selection: Mapping[str, Any]) -> Weights:
    """The values of a (nested) selection of row slices, [n, ...] each."""
    return {
        name: part.values if isinstance(part, RowSlice) else values(part) for name, part in selection.items()
    }


def flatten(selection: Mapping[str, Any]) -> list[RowSlice]:
    """The row slices of a (nested) selection, in order."""
    found: list[RowSlice] = []
    for part in selection.values():
        found += [part] if isinstance(part, RowSlice) else flatten(part)
    return found


def mask_rows(selection: Mapping[str, Any], active: tf.Tensor) -> dict[str, Any]:
    """Marks rows of a (nested) selection as unused.

    Args:
      selection: Row slices of n rows each.
      active: bool [n], False for rows to mark as unused.
    """

    def masked(part: RowSlice) -> RowSlice:
        rows = tf.reshape(active, [-1] + [1] * (part.values.shape.rank - 1))
        return replace(part, used=rows if part.used is None else part.used & rows)

    return {
        name: masked(part) if isinstance(part, RowSlice) else mask_rows(part, active)
        for name, part in selection.items()
    }


def trailing_slices(selection: Mapping[str, Any], trailing: tf.Tensor) -> dict[str, Any]:
    """The (nested) selection of the trailing channels of the same rows.

    Args:
      selection: Row slices of leading channels.
      trailing: int32 [], 1 for the trailing channels, 0 to keep the leading ones.
    """

    def moved(part: RowSlice) -> RowSlice:
        slicer = make_slicer(part.rows, part.size, part.variable.shape[1:], trailing)
        read, remainder = slicer.read(part.variable.value)
        return replace(part, slicer=slicer, values=read, remainder=remainder)

    return {
        name: moved(part) if isinstance(part, RowSlice) else trailing_slices(part, trailing)
        for name, part in selection.items()
    }


def one_row(weights: Mapping[str, Any]) -> Weights:
    """The (nested) values without their first axis, which has a single row."""
    return {
        name: one_row(part) if isinstance(part, Mapping) else tf.squeeze(part, 0)
        for name, part in weights.items()
    }
