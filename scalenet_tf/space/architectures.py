"""Base architectures and scaled networks, as frozen values that convert to and from JSON."""

from __future__ import annotations

import hashlib
from typing import Literal

from pydantic import Field, model_validator

from scalenet_tf.space.any_op import AnyOp
from scalenet_tf.utils.value import Value

Activation = Literal["hard_silu", "silu", "relu6", "relu"]


class BaseArchitecture(Value):
    """A base architecture: the op of every block.

    Attributes:
      stages: Ops of each stage's blocks, at least one per stage; their number is the stage's depth.

    Example:
      >>> BaseArchitecture(stages=(("k3e6s",), ("k5e6s", "k3e4s"))).stages[1][0].kernel
      5
    """

    stages: tuple[tuple[AnyOp, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> BaseArchitecture:
        for index, ops in enumerate(self.stages):
            if not ops:
                raise ValueError(f"stage {index} of a base architecture has no blocks: give at least one op")
        return self

    def __str__(self) -> str:
        return " | ".join(" ".join(op.name for op in ops) for ops in self.stages)


class SubnetStage(Value):
    """A stage of a scaled network.

    Attributes:
      width: Number of output channels.
      stride: Stride of the first block, 1 or 2.
      ops: Op of each block.
    """

    width: int = Field(ge=1)
    stride: Literal[1, 2]
    ops: tuple[AnyOp, ...] = Field(min_length=1)


class Subnet(Value):
    """A network with all its sizes: everything that is needed to build it or to count its costs.

    Different pairs of base and scaling can give the same network. Their subnets, and their keys, are then
    equal.

    Attributes:
      resolution: Side of the input image in pixels.
      channels: Number of image channels.
      classes: Number of classes, at least 2.
      stem_width: Output channels of the first convolution.
      stem_stride: Stride of the first convolution, 1 or 2.
      stages: Stages, in order from input to output.
      head_width: Channels of the last convolution.
      activation: "hard_silu", "silu", "relu6" or "relu".
      squeeze_reduction: Hidden channels of a block per squeeze channel.
    """

    resolution: int = Field(ge=1)
    channels: int = Field(ge=1)
    classes: int = Field(ge=2)
    stem_width: int = Field(ge=1)
    stem_stride: Literal[1, 2]
    stages: tuple[SubnetStage, ...] = Field(min_length=1)
    head_width: int = Field(ge=1)
    activation: Activation
    squeeze_reduction: int = Field(ge=1)

    @property
    def key(self) -> str:
        """Digest of the network: 16 hexadecimal digits, equal for equal networks."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def num_blocks(self) -> int:
        """Number of blocks in all stages."""
        return sum(len(stage.ops) for stage in self.stages)
