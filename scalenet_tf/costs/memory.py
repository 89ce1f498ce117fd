"""Peak activation memory, exact: one subnet at a time, or many bases at once.

Counted: the largest sum of tensors that are alive at the same time while one image in float32 goes from the
stem to the classifier, layer after layer. A convolution, a pooling or a dense layer needs its input and its
output; the input of a residual block stays until the addition; batch norm, activation, gate and addition
write over their input, and borders are not stored. Weights are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.macs import STEM_KERNEL
from scalenet_tf.space import Op, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import hidden_width, output_size, scaled_depth, scaled_width, squeeze_width

BYTES = 4  # of a float32


@lru_cache(maxsize=2**16)
def block_peak(
    op: Op, size: int, in_width: int, out_width: int, stride: int, reduction: int, residual: bool
) -> int:
    """Most numbers alive in an MBConv block, by the side of its *input* map."""
    hidden, out_size = hidden_width(in_width, op.expansion), output_size(size, op.kernel, stride)
    before, inside = size * size * in_width, out_size * out_size * hidden
    kept = before if residual else 0
    expanded = size * size * hidden
    # Expand, depthwise (which reads the block's own input where nothing expands), project.
    alive = [before + expanded, kept + expanded + inside] if op.expansion > 1 else [before + inside]
    alive.append(kept + inside + out_size * out_size * out_width)
    if op.squeeze_excite:
        # The squeezed values and the gate; pooled values are as many as the gate's.
        alive.append(kept + inside + squeeze_width(hidden, reduction) + hidden)
    return max(alive)


def ends_peak(
    resolution: int,
    channels: int,
    stem_size: int,
    stem_width: int,
    last_size: int,
    last_width: int,
    head_width: int,
    classes: int,
) -> int:
    """Most numbers alive in the stem, the head convolution, the pooling and the classifier."""
    head = last_size * last_size * head_width
    return max(
        resolution * resolution * channels + stem_size * stem_size * stem_width,
        last_size * last_size * last_width + head,
        head + head_width,
        head_width + classes,
    )


def peak_memory(subnet: Subnet) -> int:
    """The peak activation memory of one network.

    Args:
      subnet: The realised network.

    Returns:
      Bytes of all tensors alive at the worst moment, for one float32 image; weights are not among them.

    Example:
      >>> peak_memory(scale(space, base, Scaling.of(1, 1, 224)))
    """
    stem_size = size = output_size(subnet.resolution, STEM_KERNEL, subnet.stem_stride)
    width, most = subnet.stem_width, 0
    for stage in subnet.stages:
        for index, op in enumerate(stage.ops):
            stride = stage.stride if index == 0 else 1
            peak = block_peak(op, size, width, stage.width, stride, subnet.squeeze_reduction, index > 0)
            most, size, width = max(most, peak), output_size(size, op.kernel, stride), stage.width
    ends = ends_peak(
        *(subnet.resolution, subnet.channels, stem_size, subnet.stem_width),
        *(size, width, subnet.head_width, subnet.classes),
    )
    return BYTES * max(most, ends)


@dataclass(frozen=True)
class MemoryTable:
    """Peaks of every block that a space can place at one scaling, in bytes."""

    ends: int
    first: tuple[np.ndarray, ...]  # per stage [ops]
    rest: tuple[np.ndarray, ...]


@lru_cache(maxsize=4096)
def memory_table(space: SearchSpace, scaling: Scaling) -> MemoryTable:
    """What each block needs at one scaling: its depth multiplier plays no part."""

    def width_of(width: int) -> int:
        return scaled_width(width, scaling.width_thousandths, space.width_divisor)

    stem_size = size = output_size(scaling.resolution, STEM_KERNEL, space.stem_stride)
    width, reduction = width_of(space.stem_width), space.squeeze_reduction
    first, rest = [], []
    for stage in space.stages:
        out = width_of(stage.width)
        first.append([block_peak(op, size, width, out, stage.stride, reduction, False) for op in stage.ops])
        # k // 2 on both sides makes the output size the same for every odd kernel.
        size, width = output_size(size, stage.ops[0].kernel, stage.stride), out
        rest.append([block_peak(op, size, out, out, 1, reduction, True) for op in stage.ops])
    ends = ends_peak(
        *(scaling.resolution, space.channels, stem_size, width_of(space.stem_width)),
        *(size, width, space.head_width, space.classes),
    )
    return MemoryTable(
        BYTES * ends,
        tuple(BYTES * np.array(row, np.int64) for row in first),
        tuple(BYTES * np.array(row, np.int64) for row in rest),
    )


def peak_memories(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> np.ndarray:
    """The peak activation memory of many bases at one scaling.

    Args:
      space: The space that the bases belong to.
      bases: N bases.
      scaling: One scaling.

    Returns:
      int64 [N]: bytes, equal to `peak_memory(scale(space, base, scaling))`.
    """
    table = memory_table(space, scaling)
    peak = np.full(len(bases), table.ends)
    for s, (first, rest) in enumerate(zip(table.first, table.rest, strict=True)):
        depth, ops = bases.depth[:, s], bases.ops[:, s]
        most = int(depth.max(initial=1))
        scaled = np.array([0] + [scaled_depth(n, scaling.depth_thousandths) for n in range(1, most + 1)])
        peak = np.maximum(peak, first[ops[:, 0]])
        for b in range(1, most):
            kept = (b < depth) & (b < scaled[depth])
            peak = np.maximum(peak, np.where(kept, rest[ops[:, b]], 0))
        last = np.take_along_axis(ops, (depth - 1)[:, None], axis=1)[:, 0]
        peak = np.maximum(peak, np.where(scaled[depth] > depth, rest[last], 0))
    return peak


def memory_range(space: SearchSpace, scaling: Scaling) -> tuple[int, int]:
    """The least and the most peak memory of any base at `scaling`, exactly, in bytes."""
    table = memory_table(space, scaling)
    least = most = table.ends
    for stage, first, rest in zip(space.stages, table.first, table.rest, strict=True):
        fewest, deepest = stage.depth
        reach = [scaled_depth(n, scaling.depth_thousandths) for n in (fewest, deepest)]
        # A stage of one block has its only op copied; in a deeper one each block is chosen alone.
        if reach[0] == 1:
            low = first.min()
        elif deepest == 1:
            low = np.maximum(first, rest).min()
        else:
            low = max(first.min(), rest.min())
        least = max(least, int(low))
        most = max(most, int(first.max()), int(rest.max()) if reach[1] > 1 else 0)
    return least, most
