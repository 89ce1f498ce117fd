"""The largest sizes that the super-supernet of a space holds, and whether a subnet is part of it."""

from __future__ import annotations

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.architectures import Subnet
from scalenet_tf.space.limits import scaled_widths
from scalenet_tf.space.rules import scaled_depth
from scalenet_tf.space.search_space import SearchSpace


def largest_depths(space: SearchSpace) -> list[int]:
    """Largest number of blocks of each stage over all menus."""
    multiplier = max(d for menu in space.menus for d in menu.depth)
    return [scaled_depth(stage.depth[1], multiplier) for stage in space.stages]


def largest_widths(space: SearchSpace) -> list[int]:
    """Largest number of channels of the stem and of each stage over all menus."""
    multiplier = max(w for menu in space.menus for w in menu.width)
    return scaled_widths(space, multiplier)


def check_held(space: SearchSpace, subnet: Subnet) -> None:
    """Checks that the super-supernet of a space has weights for a subnet, at whatever resolution.

    Args:
      space: Space of the super-supernet.
      subnet: The subnet.

    Raises:
      ScaleNetError: If it has none. The text says which part is too large or unknown.
    """
    if len(subnet.stages) != len(space.stages):
        raise InvalidInputError(
            f"`subnet` must have {len(space.stages)} stages in space {space.name!r}. "
            f"Received: {len(subnet.stages)}"
        )
    for name in ("channels", "classes", "head_width", "stem_stride", "activation", "squeeze_reduction"):
        if getattr(subnet, name) != getattr(space, name):
            raise InvalidInputError(
                f"`subnet.{name}` must be {getattr(space, name)!r}, as in space {space.name!r}. "
                f"Received: {getattr(subnet, name)!r}"
            )
    widths = [subnet.stem_width, *(stage.width for stage in subnet.stages)]
    for index, (width, limit) in enumerate(zip(widths, largest_widths(space), strict=True)):
        if width > limit:
            where = "the stem" if index == 0 else f"stage {index - 1}"
            raise InvalidInputError(f"{where} of `subnet` must be at most {limit} wide. Received: {width}")
    depths = largest_depths(space)
    for number, (stage, own) in enumerate(zip(space.stages, subnet.stages, strict=True)):
        if len(own.ops) > depths[number] or own.stride != stage.stride:
            raise InvalidInputError(
                f"stage {number} of `subnet` must have at most {depths[number]} blocks and stride "
                f"{stage.stride}. Received: {len(own.ops)} blocks, stride {own.stride}"
            )
        for op in own.ops:
            if op not in stage.ops:
                allowed = [o.name for o in stage.ops]
                raise InvalidInputError(
                    f"stage {number} of `subnet` allows the ops {allowed}. Received: {op.name!r}"
                )


def is_held(space: SearchSpace, subnet: Subnet) -> bool:
    """Whether the super-supernet of a space has weights for a subnet, at whatever resolution."""
    try:
        check_held(space, subnet)
    except InvalidInputError:
        return False
    return True
