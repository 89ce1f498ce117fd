"""Encoding of subnets as tensors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.largest import check_held, largest_depths
from scalenet_tf.space.limits import scaled_widths


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


def encode_subnet(space: SearchSpace, subnet: Subnet) -> SubnetCode:
    """Encodes a subnet for the super-supernet of a space.

    Args:
      space: Space of the super-supernet.
      subnet: Subnet to encode.

    Raises:
      ScaleNetError: If the super-supernet does not hold the subnet.
    """
    check_held(space, subnet)
    widths = [subnet.stem_width, *(stage.width for stage in subnet.stages)]
    ops = np.zeros((len(space.stages), max(largest_depths(space))), np.int32)
    for s, (stage, own) in enumerate(zip(space.stages, subnet.stages, strict=True)):
        ops[s, : len(own.ops)] = [stage.ops.index(op) for op in own.ops]
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
            widths = tuple(scaled_widths(space, multiplier))
            shapes.update(StaticShape(widths, resolution) for resolution in menu.resolution)
    return frozenset(shapes)
