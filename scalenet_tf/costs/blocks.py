"""The distinct shapes of blocks, of which a latency table measures one each."""

from __future__ import annotations

from collections.abc import Iterable

from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.blocks import Part, layout, placements


def shapes_of_space(space: SearchSpace, stages: Iterable[int] | None = None) -> dict[str, Part]:
    """Every shape that the subnets of a space's scaling stages are made of.

    Args:
      space: The space, with the channels and classes of the data.
      stages: Scaling stages to include. Default: all.

    Returns:
      One part for each shape, by the text of its shape.

    Example:
      >>> len(shapes_of_space(load_space("small")))
      299
    """
    found: dict[str, Part] = {}
    for menu in space.menus if stages is None else [space.menus[stage] for stage in stages]:
        for scaling in menu.scalings():
            placed = placements(space, scaling)
            parts: list[Part] = [placed.stem, placed.head]
            for first, rest, has_rest in zip(placed.first, placed.rest, placed.has_rest, strict=True):
                parts += [*first, *(rest if has_rest else ())]
            for part in parts:
                found.setdefault(part.shape, part)
    return found


def shapes_of_subnet(subnet: Subnet) -> list[str]:
    """The shapes of one network's parts, from the input on."""
    return [part.shape for part in layout(subnet).parts]
