"""How the leading channels of some rows of a stacked variable, or the trailing ones, are read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import tensorflow as tf

Width: TypeAlias = int | tf.Tensor
# What is read and written with a part, for the part's own cut to put back.
Beyond: TypeAlias = tuple[tf.Tensor, ...] | None


class Cut(Protocol):
    """Reads and writes the same part of any variable of one shape."""

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Beyond]:
        """The part, and what lies beyond it and has to be written with it."""

    def write(self, variable: tf.Variable, values: tf.Tensor, beyond: Beyond) -> None:
        """Writes the part, in a replica's context; `beyond` is as it was read."""


def make_cut(
    rows: tf.Tensor, size: Sequence[Width], whole: Sequence[int], trailing: tf.Tensor | None = None
) -> Cut:
    """The leading `size` of rows of shape `whole`.

    Args:
      rows: int32 [n], each once.
      size: Of every axis; where all are Python's numbers, every shape is known when this is traced.
      trailing: int32 [], 1 for the trailing `size` instead, which has no static form.
    """
    if trailing is None and all(isinstance(extent, int) for extent in size):
        return _RowCut(rows, tuple(size), tuple(whole))
    last, full = size[-1], whole[-1]
    starts: list[Width] = [0] * len(size)
    if trailing is not None:
        ends = zip(size, whole, strict=True)
        starts = [0 if _same(own, all_) else trailing * (all_ - own) for own, all_ in ends]
    sizes = None
    if not _same(last, full):
        before = [] if trailing is None else [starts[-1]]
        sizes = tf.stack([*before, last, full - last - starts[-1]])
    return _VectorCut(_indices(rows, starts[:-1], size[:-1], whole[:-1]), sizes)


@dataclass(frozen=True)
class _RowCut:
    """Whole rows are read and written: the way that XLA compiles."""

    rows: tf.Tensor
    size: tuple[int, ...]
    whole: tuple[int, ...]

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Beyond]:
        rows = tf.gather(variable, self.rows)
        if self.size == self.whole:
            return rows, None
        return rows[(slice(None), *(slice(extent) for extent in self.size))], (rows,)

    def write(self, variable: tf.Variable, values: tf.Tensor, beyond: Beyond) -> None:
        if beyond is not None:
            inside = np.zeros(self.whole, bool)
            inside[tuple(slice(extent) for extent in self.size)] = True
            margins = [[0, full - extent] for extent, full in zip(self.size, self.whole, strict=True)]
            [rows] = beyond
            values = tf.where(inside, tf.pad(values, [[0, 0], *margins]), rows)
        tf.raw_ops.ResourceScatterUpdate(resource=variable.handle, indices=self.rows, updates=values)


@dataclass(frozen=True)
class _VectorCut:
    """Vectors along the last axis are read and written, those in use alone: the way of least traffic.

    Attributes:
      indices: int32, of the vectors in use, as `tf.gather_nd` takes them.
      sizes: int32, how a vector is split into what lies before, where anything can, what is used, and what
        lies behind; None where all is used.
    """

    indices: tf.Tensor
    sizes: tf.Tensor | None

    def read(self, variable: tf.Variable) -> tuple[tf.Tensor, Beyond]:
        # Gathering from the resource reads these vectors alone; a whole read would copy everything.
        vectors = tf.gather_nd(variable, self.indices)
        if self.sizes is None:
            return vectors, None
        *before, used, behind = tf.split(vectors, self.sizes, -1)
        return used, (*before, behind)

    def write(self, variable: tf.Variable, values: tf.Tensor, beyond: Beyond) -> None:
        # Whole vectors: TensorFlow's assignment to slices takes ten times as long.
        vectors = values
        if beyond is not None:
            *before, behind = beyond
            vectors = tf.concat([*before, values, behind], -1)
        tf.raw_ops.ResourceScatterNdUpdate(ref=variable.handle, indices=self.indices, updates=vectors)


def _indices(
    rows: tf.Tensor, starts: Sequence[Width], size: Sequence[Width], whole: Sequence[int]
) -> tf.Tensor:
    """Of `size` of every axis but the last, in `rows`; axes that stay `whole` are left out."""
    cut = len(size)
    while cut and _same(size[cut - 1], whole[cut - 1]):
        cut -= 1
    if not cut:
        return tf.expand_dims(rows, -1)
    index = _along(rows, 0, 1 + cut)
    for axis, (start, extent) in enumerate(zip(starts[:cut], size[:cut], strict=True), 1):
        if not (_same(extent, 1) and _same(start, 0)):
            index += _along(start + tf.range(extent), axis, 1 + cut)
    return index


def _along(numbers: tf.Tensor, axis: int, rank: int) -> tf.Tensor:
    """Indices of `rank` numbers each, that run through `numbers` along one axis and are zero elsewhere."""
    shape = [-1 if own == axis else 1 for own in range(rank)]
    return tf.reshape(numbers, [*shape, 1]) * tf.constant([int(own == axis) for own in range(rank)])


def _same(width: Width, extent: int) -> bool:
    return isinstance(width, int) and width == extent
