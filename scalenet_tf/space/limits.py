"""The largest networks that a search space may describe; larger ones exceed 64-bit counts or any patience."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from scalenet_tf.space.block_layers import Conv, place_layers
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.rules import STEM_KERNEL, scaled_depth, scaled_width

if TYPE_CHECKING:
    from scalenet_tf.space.search_space import SearchSpace

MOST_WIDTH = 2**16
_MOST_BLOCKS = 2000
_MOST_MACS = 2**60


def scaled_widths(space: SearchSpace, thousandths: int) -> list[int]:
    """Returns the channels of the stem and of each stage at a width multiplier in thousandths."""
    widths = (space.stem_width, *(stage.width for stage in space.stages))
    return [scaled_width(width, thousandths, space.width_divisor) for width in widths]


def check_largest(space: SearchSpace) -> None:
    """Checks that costs of the largest network of a space can be counted.

    Args:
      space: The space.

    Raises:
      ValueError: If it is too wide, has too many blocks, or too many multiply-adds.
    """
    depth = max(multiplier for menu in space.menus for multiplier in menu.depth)
    width = max(multiplier for menu in space.menus for multiplier in menu.width)
    resolution = space.largest_resolution
    widest = max(scaled_widths(space, width))
    if widest > MOST_WIDTH:
        raise ValueError(f"scaled widths must be at most {MOST_WIDTH:,}. Received: {widest:,}")
    blocks = sum(scaled_depth(stage.depth[1], depth) for stage in space.stages)
    if blocks > _MOST_BLOCKS:
        raise ValueError(
            f"the deepest network must have at most {_MOST_BLOCKS:,} blocks. Received: {blocks:,}"
        )
    # As if every block had the largest sizes of all: an upper bound.
    ops = {op for stage in space.stages for op in stage.ops}
    block = max(_weights(op, widest) for op in ops)
    block = max(block, STEM_KERNEL**2 * space.channels * widest)
    head = space.head_width * (widest + space.classes)
    macs = resolution**2 * (blocks + 1) * block + resolution**2 * head
    if macs > _MOST_MACS:
        raise ValueError(
            f"the largest network must have at most {_MOST_MACS:.2g} multiply-adds, counted as if all its "
            f"blocks were the largest one. Received: {macs:.2g}. Reduce widths, expansions or resolutions."
        )


def check_smallest(space: SearchSpace) -> None:
    """Checks that every layer of the narrowest networks of a space has channels.

    Args:
      space: The space.

    Raises:
      ValueError: If the layers of a block of the user's own have none there.
    """
    multiplier = min(width for menu in space.menus for width in menu.width)
    narrowest = scaled_widths(space, multiplier)
    for number, (stage, before, own) in enumerate(zip(space.stages, narrowest, narrowest[1:], strict=False)):
        for op, (in_width, stride) in itertools.product(stage.ops, ((before, stage.stride), (own, 1))):
            for layer in op.layers(in_width, own, stride):
                if isinstance(layer, Conv) and not (isinstance(layer.width, int) and layer.width >= 1):
                    raise ValueError(
                        f"op {op.name} of stage {number}: widths of layers must be integers of at least 1. "
                        f"Received: {layer.width} channels of {layer.name!r}, where the block has {in_width} "
                        f"channels before and {own} after it"
                    )


def _weights(op: BlockOp, width: int) -> int:
    """Number of weights of a block at a width, each of them used at most once per pixel."""
    return sum(placed.weights for placed in place_layers(op.layers(width, width, 1), 1, width, 1))
