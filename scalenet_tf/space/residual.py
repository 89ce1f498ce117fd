"""The plain residual block of ResNet (He et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from scalenet_tf.space.block_layers import BlockLayer, Conv
from scalenet_tf.space.block_op import BlockOp, Kernel


class Residual(BlockOp):
    """One choice for a residual block: two k x k convolutions, the sum with the input, the activation.

    As with MBConv, only the later blocks of a stage, whose input has the output's shape, add their input.
    There is no projection on the shortcut.

    Attributes:
      kernel: Side of both kernels in pixels, odd.

    Example:
      >>> Residual(kernel=3).name
      'residual:k3'
    """

    letters: ClassVar = {"kernel": "k"}
    activates_sum: ClassVar = True

    kernel: Kernel

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[BlockLayer]:
        return [
            Conv("conv1", out_width, self.kernel, stride),
            Conv("conv2", out_width, self.kernel, activate=False),
        ]
