"""`scale`, which applies a scaling to a base architecture (paper, section 3.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from scalenet_tf.space.architectures import BaseArchitecture, Subnet, SubnetStage
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.rules import scaled_depth, scaled_width
from scalenet_tf.space.search_space import Scaling, SearchSpace


def scale(space: SearchSpace, base: BaseArchitecture, scaling: Scaling) -> Subnet:
    """Applies a scaling to a base architecture.

    A stage of n blocks gets ceil(n * d) blocks; the added ones copy the stage's last op. All widths except
    the head's are multiplied and rounded up to a multiple of `space.width_divisor`.

    Args:
      space: Search space that contains `base`.
      base: Base architecture to scale.
      scaling: Depth and width multipliers, and resolution. It does not have to be in a menu of the space.

    Returns:
      The scaled network.

    Raises:
      ScaleNetError: If `base` is not in `space`.

    Example:
      >>> scale(space, base, Scaling.of(1.2, 1.2, 288)).resolution
      288
    """
    space.check_base(base)
    stages = []
    for ops, stage in zip(base.stages, space.stages, strict=True):
        added = scaled_depth(len(ops), scaling.depth_thousandths) - len(ops)
        # A depth multiplier below 1 drops the last blocks.
        blocks = ops + ops[-1:] * added if added >= 0 else ops[:added]
        width = scaled_width(stage.width, scaling.width_thousandths, space.width_divisor)
        stages.append(_stage(width, stage.stride, blocks))
    return Subnet(
        resolution=scaling.resolution,
        channels=space.channels,
        classes=space.classes,
        stem_width=scaled_width(space.stem_width, scaling.width_thousandths, space.width_divisor),
        stem_stride=space.stem_stride,
        stages=tuple(stages),
        head_width=space.head_width,
        activation=space.activation,
        squeeze_reduction=space.squeeze_reduction,
    )


# The subnets of a search consist of few different stages: each is validated once, and shared.
@lru_cache(maxsize=2**16)
def _stage(width: int, stride: Literal[1, 2], ops: tuple[BlockOp, ...]) -> SubnetStage:
    return SubnetStage(width=width, stride=stride, ops=ops)
