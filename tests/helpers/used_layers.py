"""Which weights of a super-supernet a subnet uses, worked out from the layers that its blocks declare."""

from __future__ import annotations

from typing import Any

import numpy as np

from scalenet_tf.config import Sharing
from scalenet_tf.models.supernet import place
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.block_layers import Depthwise, PlacedLayer, SqueezeExcite
from scalenet_tf.space.blocks import blocks


def used_by_blocks(
    space: SearchSpace, subnet: Subnet, sharing: Sharing, shapes: dict[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """A mask of what `subnet` uses of each weight of the blocks, by the weight's path.

    Args:
      space: Space of the super-supernet.
      subnet: The subnet.
      sharing: Kind of sharing of the super-supernet.
      shapes: Shape of each weight by its path.
    """
    masks = {path: np.zeros(shape, bool) for path, shape in shapes.items() if path.startswith("stage")}
    for block in blocks(subnet):
        layer, slot = place(block)
        menu = space.stages[block.stage].ops
        row = slot * len(menu) + menu.index(block.op) if sharing == "op" else slot
        for placed in block.layers:
            for name, part in _parts(placed, sharing, masks, layer).items():
                masks[f"{layer}/{name}"][(row, *part)] = True
    return masks


def _parts(
    placed: PlacedLayer, sharing: Sharing, masks: dict[str, np.ndarray], layer: str
) -> dict[str, tuple[Any, ...]]:
    own, into, out = placed.layer, slice(placed.in_width), slice(placed.width)
    if isinstance(own, SqueezeExcite):
        squeezed = slice(placed.squeeze)
        return {
            f"{own.name}/squeeze/kernel": (out, squeezed),
            f"{own.name}/squeeze/bias": (squeezed,),
            f"{own.name}/excite/kernel": (squeezed, out),
            f"{own.name}/excite/bias": (out,),
        }
    stored = masks[f"{layer}/{own.name}/kernel"].shape[1]
    # A row of one op stores zeros beyond its kernel, and counts them as used.
    edge = (stored - own.kernel) // 2 if sharing == "slot" else 0
    side = slice(edge, stored - edge)
    channels = (out,) if isinstance(own, Depthwise) else (into, out)
    return {f"{own.name}/kernel": (side, side, *channels), f"{own.name}_bn/gamma_beta": (slice(None), out)}
