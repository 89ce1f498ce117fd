"""The static shapes of a space: what a compiler that wants every shape known has to compile."""

from __future__ import annotations

from typing import NamedTuple

from scalenet_tf.rules import scaled_width
from scalenet_tf.space import SearchSpace


class StaticShape(NamedTuple):
    """All that decides the shapes of a step; depth and ops are data.

    Attributes:
      widths: Channels of the stem and of each stage.
      resolution: Side of the images, in pixels.
    """

    widths: tuple[int, ...]
    resolution: int


def static_shapes(space: SearchSpace) -> frozenset[StaticShape]:
    """Every shape that a subnet drawn from the space's menus can have.

    Example:
      >>> len(static_shapes(load_space("paper")))
      49
    """
    shapes: set[StaticShape] = set()
    for menu in space.menus:
        for multiplier in menu.width:
            base = (space.stem_width, *(stage.width for stage in space.stages))
            widths = tuple(scaled_width(width, multiplier, space.width_divisor) for width in base)
            shapes.update(StaticShape(widths, resolution) for resolution in menu.resolution)
    return frozenset(shapes)
