"""Encoding of subnets as tensors, and the largest sizes that a super-supernet holds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.rules import scaled_depth, scaled_width


class SubnetCode(NamedTuple):
    """A subnet as tensors, so that a traced function runs every subnet without tracing again.

    Attributes:
      widths: int32 [1 + stages], channels of the stem and of each stage. As a tuple of Python integers, all
        shapes are static, and other widths are another trace.
      depth: int32 [stages], number of blocks.
      ops: int32 [stages, largest depth], indices into the stage's menu of ops; zero past the depth.
      trailing: int32 [], 1 if the subnet uses the trailing channels of the super-supernet, 0 if the leading
        ones. An empty tuple, which passes no tensor, also stands for the leading ones.
    """

    widths: tf.Tensor | tuple[int, ...]
    depth: tf.Tensor
    ops: tf.Tensor
    trailing: tf.Tensor | tuple[()] = ()

    @property
    def static(self) -> bool:
        """Whether all shapes are known at tracing time."""
        return isinstance(self.widths, tuple)

    @classmethod
    def signature(cls, space: SearchSpace, coupled: bool = False) -> SubnetCode:
        """Input signature of a traced function; with `coupled`, its codes have `trailing`."""
        stages, most = len(space.stages), max(largest_depths(space))
        shapes: list[list[int]] = [[1 + stages], [stages], [stages, most], *([[]] if coupled else [])]
        return cls(*(tf.TensorSpec(shape, tf.int32) for shape in shapes))


def largest_depths(space: SearchSpace) -> list[int]:
    """Largest number of blocks of each stage over all menus."""
    multiplier = max(d for menu in space.menus for d in menu.depth)
    return [scaled_depth(stage.depth[1], multiplier) for stage in space.stages]


def largest_widths(space: SearchSpace) -> list[int]:
    """Largest number of channels of the stem and of each stage over all menus."""
    multiplier = max(w for menu in space.menus for w in menu.width)
    widths = [space.stem_width, *(stage.width for stage in space.stages)]
    return [scaled_width(width, multiplier, space.width_divisor) for width in widths]


def encode_subnet(space: SearchSpace, subnet: Subnet) -> SubnetCode:
    """Encodes a subnet for the super-supernet of a space.

    Args:
      space: Space of the super-supernet.
      subnet: Subnet to encode.

    Raises:
      ScaleNetError: If the super-supernet does not hold the subnet.
    """
    widths = [subnet.stem_width, *(stage.width for stage in subnet.stages)]
    depths, limits = largest_depths(space), largest_widths(space)
    ops = np.zeros((len(space.stages), max(depths)), np.int32)
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
    for index, (width, limit) in enumerate(zip(widths, limits, strict=True)):
        if width > limit:
            where = "the stem" if index == 0 else f"stage {index - 1}"
            raise InvalidInputError(f"{where} of `subnet` must be at most {limit} wide. Received: {width}")
    for s, (stage, own) in enumerate(zip(space.stages, subnet.stages, strict=True)):
        if len(own.ops) > depths[s] or own.stride != stage.stride:
            raise InvalidInputError(
                f"stage {s} of `subnet` must have at most {depths[s]} blocks and stride {stage.stride}. "
                f"Received: {len(own.ops)} blocks, stride {own.stride}"
            )
        for b, op in enumerate(own.ops):
            if op not in stage.ops:
                allowed = [o.name for o in stage.ops]
                raise InvalidInputError(
                    f"stage {s} of `subnet` allows the ops {allowed}. Received: {op.name!r}"
                )
            ops[s, b] = stage.ops.index(op)
    return SubnetCode(
        tf.constant(widths, tf.int32),
        tf.constant([len(stage.ops) for stage in subnet.stages], tf.int32),
        tf.constant(ops),
    )


class StaticShape(NamedTuple):
    """Everything that determines the shapes of a step; depth and ops are data.

    Attributes:
      widths: Channels of the stem and of each stage.
      resolution: Side of the images in pixels.
    """

    widths: tuple[int, ...]
    resolution: int


def static_shapes(space: SearchSpace) -> frozenset[StaticShape]:
    """All shapes that subnets drawn from the space's menus can have.

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
