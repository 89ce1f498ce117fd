"""Reading and writing a rectangular part of some rows of a stacked variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import tensorflow as tf

Width: TypeAlias = int | tf.Tensor
# What a slicer had to read along with its part and writes back unchanged; None if there was nothing.
Remainder: TypeAlias = tuple[tf.Tensor, ...] | None


class Slicer(Protocol):
    """Reads and writes the same part of any variable of one shape."""

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Remainder]:
        """Returns the part, and the remainder that has to be written with it."""

    def write(self, variable: tf.Variable, values: tf.Tensor, remainder: Remainder) -> None:
        """Writes the part, in a replica's context.

        Args:
          variable: A variable of the slicer's shape.
          values: New values of the part, of the shape that `read` returned.
          remainder: The remainder that `read` returned for this variable.
        """


def make_slicer(
    rows: tf.Tensor, size: Sequence[Width], whole: Sequence[int], trailing: tf.Tensor | None = None
) -> Slicer:
    """Makes a slicer of the leading `size` of some rows.

    Args:
      rows: int32 [n], the rows to slice, each at most once.
      size: Length of the part along every axis but the first. If all lengths are Python integers, all
        shapes are static.
      whole: Shape of a row.
      trailing: int32 [], 1 to take the trailing `size` instead of the leading one, 0 otherwise. Shapes are
        never static with it.
    """
    if trailing is None and all(isinstance(extent, int) for extent in size):
        return _RowSlicer(rows, tuple(size), tuple(whole))
    last, full = size[-1], whole[-1]
    starts: list[Width] = [0] * len(size)
    if trailing is not None:
        ends = zip(size, whole, strict=True)
        starts = [0 if _same(own, all_) else trailing * (all_ - own) for own, all_ in ends]
    sizes = None
    if not _same(last, full):
        before = [] if trailing is None else [starts[-1]]
        sizes = tf.stack([*before, last, full - last - starts[-1]])
    return _VectorSlicer(_indices(rows, starts[:-1], size[:-1], whole[:-1]), sizes)


@dataclass(frozen=True)
class _RowSlicer:
    """Reads and writes whole rows, which XLA can compile.

    Attributes:
      rows: int32 [n].
      size: Shape of the part of a row.
      whole: Shape of a row.
    """

    rows: tf.Tensor
    size: tuple[int, ...]
    whole: tuple[int, ...]

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Remainder]:
        rows = tf.gather(variable, self.rows)
        if self.size == self.whole:
            return rows, None
        return rows[(slice(None), *(slice(extent) for extent in self.size))], (rows,)

    def write(self, variable: tf.Variable, values: tf.Tensor, remainder: Remainder) -> None:
        if remainder is not None:
            inside = np.zeros(self.whole, bool)
            inside[tuple(slice(extent) for extent in self.size)] = True
            margins = [[0, full - extent] for extent, full in zip(self.size, self.whole, strict=True)]
            [rows] = remainder
            values = tf.where(inside, tf.pad(values, [[0, 0], *margins]), rows)
        tf.raw_ops.ResourceScatterUpdate(resource=variable.handle, indices=self.rows, updates=values)


@dataclass(frozen=True)
class _VectorSlicer:
    """Reads and writes only the vectors along the last axis that are in use, for the least memory traffic.

    Attributes:
      indices: int32, indices of the vectors in use, as `tf.gather_nd` takes them.
      sizes: int32, lengths that split a vector into what lies before the part (with a trailing slice), the
        part, and what lies behind it; None if the part is the whole vector.
    """

    indices: tf.Tensor
    sizes: tf.Tensor | None

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Remainder]:
        # Gathering from the resource reads these vectors alone; a whole read would copy everything.
        vectors = tf.gather_nd(variable, self.indices)
        if self.sizes is None:
            return vectors, None
        *before, used, behind = tf.split(vectors, self.sizes, -1)
        return used, (*before, behind)

    def write(self, variable: tf.Variable, values: tf.Tensor, remainder: Remainder) -> None:
        # Whole vectors: TensorFlow's assignment to slices takes ten times as long.
        vectors = values
        if remainder is not None:
            *before, behind = remainder
            vectors = tf.concat([*before, values, behind], -1)
        tf.raw_ops.ResourceScatterNdUpdate(ref=variable.handle, indices=self.indices, updates=vectors)


def _indices(
    rows: tf.Tensor, starts: Sequence[Width], size: Sequence[Width], whole: Sequence[int]
) -> tf.Tensor:
    """Indices of the vectors in `rows` that the part holds; axes taken whole are left to the gather."""
    sliced = len(size)
    while sliced and _same(size[sliced - 1], whole[sliced - 1]):
        sliced -= 1
    if not sliced:
        return tf.expand_dims(rows, -1)
    index = _along(rows, 0, 1 + sliced)
    for axis, (start, extent) in enumerate(zip(starts[:sliced], size[:sliced], strict=True), 1):
        if not (_same(extent, 1) and _same(start, 0)):
            index += _along(start + tf.range(extent), axis, 1 + sliced)
    return index


def _along(numbers: tf.Tensor, axis: int, rank: int) -> tf.Tensor:
    """Indices of `rank` numbers each, which run through `numbers` along one axis and are zero elsewhere."""
    shape = [-1 if own == axis else 1 for own in range(rank)]
    return tf.reshape(numbers, [*shape, 1]) * tf.constant([int(own == axis) for own in range(rank)])


def _same(width: Width, extent: int) -> bool:
    return isinstance(width, int) and width == extent
