"""Rows of weights: what a step reads of a stacked variable, and all that it may change.

Every weight of a dynamic layer is stacked: [rows, ...], a row for each (slot, op) that it serves. A
step gathers the rows in use, cuts their leading channels and computes with these *values*; gradients
are taken of them, and an optimizer writes back inside them alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import keras
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.rules import padding

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
      indices: int32, of the vectors in use, as `tf.gather_nd` takes them: all axes but the last are cut.
      sizes: int32 [2], how a vector is split into what is used and what lies beyond; None where all is used.
      values: [n, ...], the leading channels of the rows.
      beyond: [n, ...], what lies beyond them in their vectors; None where nothing does.
      used: bool, broadcastable to `values`: False on channels that a row's own op does not use;
        None where all are used.
    """

    variable: keras.Variable
    kind: Kind
    rows: tf.Tensor
    indices: tf.Tensor
    sizes: tf.Tensor | None
    values: tf.Tensor
    beyond: tf.Tensor | None
    used: tf.Tensor | None = None

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, tf.Tensor | None]:
        """The same part of another variable of that shape, such as its momentum: `values`, `beyond`."""
        return _read(variable, self.indices, self.sizes)

    def write(self, variable: tf.Variable, values: tf.Tensor, beyond: tf.Tensor | None) -> None:
        """Writes into this part, in a replica's context; `beyond` is as it was read."""
        # Whole vectors: TensorFlow's assignment to slices takes ten times as long.
        vectors = values if beyond is None else tf.concat([values, beyond], -1)
        tf.raw_ops.ResourceScatterNdUpdate(ref=variable.handle, indices=self.indices, updates=vectors)


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
    indices = _indices(rows, size[:-1], variable.shape[1:-1])
    last, full = size[-1], variable.shape[-1]
    sizes = None if _same(last, full) else tf.stack([last, full - last])
    return RowSlice(variable, kind, rows, indices, sizes, *_read(variable.value, indices, sizes), used)


def _read(
    variable: tf.Variable, indices: tf.Tensor, sizes: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor | None]:
    # Gathering from the resource reads these vectors alone; a whole read would copy everything.
    vectors = tf.gather_nd(variable, indices)
    if sizes is None:
        return vectors, None
    leading, beyond = tf.split(vectors, sizes, -1)
    return leading, beyond


def _indices(rows: tf.Tensor, size: Sequence[Width], whole: Sequence[int]) -> tf.Tensor:
    """Of the leading `size` of every axis but the last, in `rows`; axes that stay `whole` are left out."""
    cut = len(size)
    while cut and _same(size[cut - 1], whole[cut - 1]):
        cut -= 1
    if not cut:
        return tf.expand_dims(rows, -1)
    index = _along(rows, 0, 1 + cut)
    for axis, extent in enumerate(size[:cut], 1):
        if not _same(extent, 1):
            index += _along(tf.range(extent), axis, 1 + cut)
    return index


def _along(numbers: tf.Tensor, axis: int, rank: int) -> tf.Tensor:
    """Indices of `rank` numbers each, that run through `numbers` along one axis and are zero elsewhere."""
    shape = [-1 if own == axis else 1 for own in range(rank)]
    return tf.reshape(numbers, [*shape, 1]) * tf.constant([int(own == axis) for own in range(rank)])


def _same(width: Width, extent: int) -> bool:
    return isinstance(width, int) and width == extent


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


def one_row(weights: Mapping[str, Any]) -> Weights:
    """The values of the only row of each."""
    return {
        name: one_row(part) if isinstance(part, Mapping) else tf.squeeze(part, 0)
        for name, part in weights.items()
    }
