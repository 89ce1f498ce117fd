"""Multiply-adds and parameters, exact: of one subnet, or of many bases at once.

Everything from the stem to the classifier is counted, squeeze-excite included. A multiply-add is one product
of a convolution or a matrix product; batch norm, activations, pooling and the gate of squeeze-excite are not
counted. Parameters are the trainable ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, placed_blocks
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.block_layers import Depthwise, PlacedLayer, SqueezeExcite
from scalenet_tf.space.blocks import Block, Head, Stem, layout, placements
from scalenet_tf.space.rules import STEM_KERNEL

# A training step counts three forward passes: its own, and a backward pass of twice as many multiply-adds.
TRAINING_PASSES = 3


@dataclass(frozen=True)
class Cost:
    """The cost of a network or of a part of one.

    Attributes:
      macs: Multiply-adds for one image.
      parameters: Number of trainable parameters.
    """

    macs: int
    parameters: int

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.macs + other.macs, self.parameters + other.parameters)


def conv_cost(size: int, kernel: int, in_width: int, out_width: int) -> Cost:
    """The cost of a convolution without bias and its batch norm.

    Args:
      size: Side of the *output* map.
      kernel: Kernel size.
      in_width: Input channels; 1 for a depthwise convolution.
      out_width: Output channels.
    """
    weights = kernel * kernel * in_width * out_width
    return Cost(size * size * weights, weights + 2 * out_width)


def stem_cost(stem: Stem) -> Cost:
    """The cost of the stem."""
    return conv_cost(stem.out_size, STEM_KERNEL, stem.channels, stem.width)


@lru_cache(maxsize=2**16)
def block_cost(block: Block) -> Cost:
    """The cost of a block."""
    return sum(map(_layer_cost, block.layers), Cost(0, 0))


def _layer_cost(placed: PlacedLayer) -> Cost:
    if isinstance(placed.layer, SqueezeExcite):
        return Cost(placed.weights, placed.weights + placed.squeeze + placed.width)
    in_width = 1 if isinstance(placed.layer, Depthwise) else placed.in_width
    return conv_cost(placed.out_size, placed.layer.kernel, in_width, placed.width)


def head_cost(head: Head) -> Cost:
    """The cost of the last convolution and the classifier."""
    classifier = head.width * head.classes
    return conv_cost(head.size, 1, head.in_width, head.width) + Cost(classifier, classifier + head.classes)


def cost(subnet: Subnet) -> Cost:
    """Counts the multiply-adds and parameters of a network.

    Args:
      subnet: The network.

    Returns:
      Multiply-adds for one image, and number of trainable parameters.

    Example:
      >>> cost(scale(space, base, Scaling.of(1, 1, 224))).macs
      354933888
    """
    found = layout(subnet)
    return sum(map(block_cost, found.blocks), stem_cost(found.stem) + head_cost(found.head))


@dataclass(frozen=True)
class CostTable:
    """Costs of every block that a space can place at one scaling; [..., 0] is MACs, [..., 1] parameters.

    Attributes:
      ends: int64 [2], stem and head together.
      first: For each stage, int64 [ops, 2], each op as the stage's first block.
      rest: The same, as a later block.
    """

    ends: np.ndarray
    first: tuple[np.ndarray, ...]
    rest: tuple[np.ndarray, ...]


@lru_cache(maxsize=4096)
def cost_table(space: SearchSpace, scaling: Scaling) -> CostTable:
    """Counts all blocks that a space can place at one scaling, whatever its depth multiplier."""
    placed = placements(space, scaling)

    def row(cost: Cost) -> tuple[int, int]:
        return cost.macs, cost.parameters

    def rows(stages: tuple[tuple[Block, ...], ...]) -> tuple[np.ndarray, ...]:
        return tuple(np.array([row(block_cost(block)) for block in stage], np.int64) for stage in stages)

    ends = stem_cost(placed.stem) + head_cost(placed.head)
    return CostTable(np.array(row(ends), np.int64), rows(placed.first), rows(placed.rest))


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
    return add_blocks(space, bases, scaling, table.ends, table.first, table.rest)


def add_blocks(
    space: SearchSpace,
    bases: EncodedBases,
    scaling: Scaling,
    ends: np.ndarray,
    first: tuple[np.ndarray, ...],
    rest: tuple[np.ndarray, ...],
) -> np.ndarray:
    """Adds up a quantity over the blocks of many bases at one scaling.

    Args:
      space: The space that the bases belong to.
      bases: N bases.
      scaling: One scaling.
      ends: [quantities], of stem and head.
      first: For each stage, [ops, quantities], of each op as the first block.
      rest: The same for later blocks.

    Returns:
      [N, quantities].
    """
    total = np.tile(ends, (len(bases), 1))
    for part in placed_blocks(space, bases, scaling):
        table = (first if part.first else rest)[part.stage]
        total += part.count[:, None] * table[part.ops]
    return total
