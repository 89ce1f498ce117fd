"""Peak activation memory, exact: of one subnet, or of many bases at once.

The peak is the largest sum of tensors that are alive at the same time while one float32 image goes through
the network layer by layer. A convolution, a pooling or a dense layer needs its input and output; the input
of a residual block stays until the addition; batch norm, activation, gate and addition overwrite their input,
and padding is not stored. Weights are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, placed_blocks
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.block_layers import SqueezeExcite
from scalenet_tf.space.blocks import Block, Head, Stem, layout, placements
from scalenet_tf.space.rules import scaled_depth

BYTES = 4  # per float32 value


@lru_cache(maxsize=2**16)
def block_peak(block: Block) -> int:
    """The largest number of values alive in a block."""
    before = block.size**2 * block.in_width
    alive = []
    for number, placed in enumerate(block.layers):
        # The first layer reads the block's input itself, of which the addition needs no copy.
        kept = before if block.residual and number else 0
        inside = placed.size**2 * placed.in_width
        if isinstance(placed.layer, SqueezeExcite):
            # The squeezed values and the gate; there are as many pooled values as gate values.
            alive.append(kept + inside + placed.squeeze + placed.width)
        else:
            alive.append(kept + inside + placed.out_size**2 * placed.width)
    return max(alive)


def ends_peak(stem: Stem, head: Head) -> int:
    """The largest count of values alive in the stem, the last convolution, the pooling and the classifier."""
    last = head.size**2 * head.width
    return max(
        stem.size**2 * stem.channels + stem.out_size**2 * stem.width,
        head.size**2 * head.in_width + last,
        last + head.width,
        head.width + head.classes,
    )


def peak_memory(subnet: Subnet) -> int:
    """The peak activation memory of one network.

    Args:
      subnet: The realised network.

    Returns:
      Bytes of all tensors alive at the peak, for one float32 image; weights are not included.

    Example:
      >>> peak_memory(scale(space, base, Scaling.of(1, 1, 224)))
    """
    found = layout(subnet)
    return BYTES * max(ends_peak(found.stem, found.head), *map(block_peak, found.blocks))


@dataclass(frozen=True)
class MemoryTable:
    """Peaks in bytes of every block that a space can place at one scaling.

    Attributes:
      ends: The peak of stem and head.
      first: For each stage, int64 [ops], each op as the stage's first block.
      rest: The same, as a later block.
    """

    ends: int
    first: tuple[np.ndarray, ...]
    rest: tuple[np.ndarray, ...]


@lru_cache(maxsize=4096)
def memory_table(space: SearchSpace, scaling: Scaling) -> MemoryTable:
    """The peaks of all blocks that a space can place at one scaling, whatever its depth multiplier."""
    placed = placements(space, scaling)

    def rows(stages: tuple[tuple[Block, ...], ...]) -> tuple[np.ndarray, ...]:
        return tuple(BYTES * np.array([block_peak(block) for block in stage], np.int64) for stage in stages)

    return MemoryTable(BYTES * ends_peak(placed.stem, placed.head), rows(placed.first), rows(placed.rest))


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
    for part in placed_blocks(space, bases, scaling):
        peaks = (table.first if part.first else table.rest)[part.stage]
        peak = np.maximum(peak, np.where(part.count > 0, peaks[part.ops], 0))
    return peak


def memory_range(space: SearchSpace, scaling: Scaling) -> tuple[int, int]:
    """The smallest and the largest peak memory of any base at `scaling`, exact, in bytes."""
    table = memory_table(space, scaling)
    least = most = table.ends
    for stage, first, rest in zip(space.stages, table.first, table.rest, strict=True):
        fewest, deepest = stage.depth
        reach = [scaled_depth(n, scaling.depth_thousandths) for n in (fewest, deepest)]
        # The copies of an only block have its op; in a deeper stage each block is chosen independently.
        if reach[0] == 1:
            low = first.min()
        elif deepest == 1:
            low = np.maximum(first, rest).min()
        else:
            low = max(first.min(), rest.min())
        least = max(least, int(low))
        most = max(most, int(first.max()), int(rest.max()) if reach[1] > 1 else 0)
    return least, most
