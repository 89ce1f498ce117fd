"""Multiply-adds and parameters, exact: one subnet at a time, or many bases at once.

Counted: stem to classifier, squeeze-excite included; a multiply-add is one product of a convolution
or a matrix product. Batch norm, activations, pooling and the squeeze-excite product are not counted.
Parameters are the trainable ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.space import Op, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import hidden_width, output_size, scaled_depth, scaled_width, squeeze_width

STEM_KERNEL = 3


@dataclass(frozen=True)
class Cost:
    """Multiply-adds of one image and trainable parameters."""

    macs: int
    parameters: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.macs + other.macs, self.parameters + other.parameters)


def conv_cost(size: int, kernel: int, in_width: int, out_width: int) -> Cost:
    """A convolution without bias and its batch norm, by the side of its *output* map."""
    weights = kernel * kernel * in_width * out_width
    return Cost(size * size * weights, weights + 2 * out_width)


@lru_cache(maxsize=2**16)
def block_cost(op: Op, size: int, in_width: int, out_width: int, stride: int, reduction: int) -> Cost:
    """An MBConv block, by the side of its *input* map."""
    hidden = hidden_width(in_width, op.expansion)
    out_size = output_size(size, op.kernel, stride)
    total = conv_cost(out_size, op.kernel, 1, hidden) + conv_cost(out_size, 1, hidden, out_width)
    if op.expansion > 1:
        total += conv_cost(size, 1, in_width, hidden)
    if op.squeeze_excite:
        squeeze = squeeze_width(hidden, reduction)
        weights = 2 * hidden * squeeze
        total += Cost(weights, weights + squeeze + hidden)
    return total


def ends_cost(
    size: int, channels: int, stem_width: int, last_size: int, last_width: int, head_width: int, classes: int
) -> Cost:
    """Stem, head convolution and classifier, by the sides of the stem's output and the last map."""
    return (
        conv_cost(size, STEM_KERNEL, channels, stem_width)
        + conv_cost(last_size, 1, last_width, head_width)
        + Cost(head_width * classes, head_width * classes + classes)
    )


def cost(subnet: Subnet) -> Cost:
    """Counts one network.

    Args:
      subnet: The realised network.

    Returns:
      Its multiply-adds for one image and its trainable parameters.
    """
    stem_size = size = output_size(subnet.resolution, STEM_KERNEL, subnet.stem_stride)
    width = subnet.stem_width
    total = Cost(0, 0)
    for stage in subnet.stages:
        for index, op in enumerate(stage.ops):
            stride = stage.stride if index == 0 else 1
            total += block_cost(op, size, width, stage.width, stride, subnet.squeeze_reduction)
            size, width = output_size(size, op.kernel, stride), stage.width
    return total + ends_cost(
        stem_size, subnet.channels, subnet.stem_width, size, width, subnet.head_width, subnet.classes
    )


@dataclass(frozen=True)
class CostTable:
    """Costs of every block that a space can place at one scaling; [..., 0] MACs, [..., 1] parameters."""

    ends: np.ndarray
    first: tuple[np.ndarray, ...]  # per stage [ops, 2]
    rest: tuple[np.ndarray, ...]
    depths: np.ndarray  # the scaled depth of each depth


@lru_cache(maxsize=4096)
def cost_table(space: SearchSpace, scaling: Scaling) -> CostTable:
    """What each block costs at one scaling: its depth multiplier plays no part in that."""

    def pair(cost: Cost) -> tuple[int, int]:
        return cost.macs, cost.parameters

    def width_of(width: int) -> int:
        return scaled_width(width, scaling.width_thousandths, space.width_divisor)

    stem_size = size = output_size(scaling.resolution, STEM_KERNEL, space.stem_stride)
    width = width_of(space.stem_width)
    first, rest = [], []
    for stage in space.stages:
        out = width_of(stage.width)
        reduction = space.squeeze_reduction
        first.append([pair(block_cost(op, size, width, out, stage.stride, reduction)) for op in stage.ops])
        # k // 2 on both sides makes the output size the same for every odd kernel.
        size = output_size(size, stage.ops[0].kernel, stage.stride)
        rest.append([pair(block_cost(op, size, out, out, 1, reduction)) for op in stage.ops])
        width = out
    ends = ends_cost(
        stem_size, space.channels, width_of(space.stem_width), size, width, space.head_width, space.classes
    )
    return CostTable(
        np.array(pair(ends), np.int64),
        tuple(np.array(rows, np.int64) for rows in first),
        tuple(np.array(rows, np.int64) for rows in rest),
        scaled_depths(space, scaling),
    )


def scaled_depths(space: SearchSpace, scaling: Scaling) -> np.ndarray:
    """int64 [most blocks + 1]: the blocks that a stage of 0, 1, 2, … has at a scaling."""
    most = max(stage.depth[1] for stage in space.stages)
    return np.array([scaled_depth(n, scaling.depth_thousandths) for n in range(most + 1)])


def costs(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> np.ndarray:
    """Counts many bases at one scaling.

    Args:
      space: The space that the bases belong to.
      bases: N bases.
      scaling: One scaling.

    Returns:
      int64 [N, 2]: multiply-adds and parameters, equal to `cost(scale(space, base, scaling))`.
    """
    table = cost_table(space, scaling)
    return add_blocks(bases, table.depths, table.ends, table.first, table.rest)


def add_blocks(
    bases: EncodedBases,
    depths: np.ndarray,
    ends: np.ndarray,
    first: tuple[np.ndarray, ...],
    rest: tuple[np.ndarray, ...],
) -> np.ndarray:
    """Adds up what the blocks of many bases count at one scaling.

    Args:
      bases: N bases.
      depths: The scaled depth of each depth: see `scaled_depths`.
      ends: [quantities], what does not depend on the base.
      first: Per stage [ops, quantities], of each op as the first block.
      rest: The same for later blocks.

    Returns:
      [N, quantities].
    """
    total = np.tile(ends, (len(bases), 1))
    for s, (of_first, of_rest) in enumerate(zip(first, rest, strict=True)):
        depth, ops = bases.depth[:, s], bases.ops[:, s]
        most = int(depth.max(initial=1))
        scaled = depths[depth]
        total += of_first[ops[:, 0]]
        for b in range(1, most):
            kept = (b < depth) & (b < scaled)
            total += np.where(kept[:, None], of_rest[ops[:, b]], 0)
        last = np.take_along_axis(ops, (depth - 1)[:, None], axis=1)[:, 0]
        total += np.maximum(scaled - depth, 0)[:, None] * of_rest[last]
    return total
