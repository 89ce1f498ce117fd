"""The Fused-MBConv block of EfficientNetV2 (Tan and Le, 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from scalenet_tf.space.block_layers import BlockLayer, Conv, SqueezeExcite
from scalenet_tf.space.block_op import BlockOp, Expansion, Kernel
from scalenet_tf.space.op import check_expansions
from scalenet_tf.space.rules import hidden_width


class FusedMBConv(BlockOp):
    """One choice for a Fused-MBConv block: an expanding k x k convolution, then a 1 x 1 projection.

    Attributes:
      kernel: Side of the expanding kernel in pixels, odd.
      expansion: Hidden channels per input channel, at least 1. With 1 the k x k convolution, with its
        activation, is the whole block.
      squeeze_excite: Whether the block has squeeze-excite, which EfficientNetV2 does not use here. Not at
        expansion 1.

    Example:
      >>> FusedMBConv(kernel=3, expansion=4).name
      'fused_mbconv:k3e4'
    """

    letters: ClassVar = {"kernel": "k", "expansion": "e", "squeeze_excite": "s"}

    kernel: Kernel
    expansion: Expansion
    squeeze_excite: bool = False

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[BlockLayer]:
        if self.expansion == 1:
            return [Conv("fused", out_width, self.kernel, stride)]
        gate = [SqueezeExcite()] if self.squeeze_excite else []
        expand = Conv("fused", hidden_width(in_width, self.expansion), self.kernel, stride)
        return [expand, *gate, Conv("project", out_width, activate=False)]

    @classmethod
    def check_menu(cls, ops: Sequence[Any]) -> None:
        check_expansions(ops)
        gated = [op.name for op in ops if op.expansion == 1 and op.squeeze_excite]
        if gated:
            raise ValueError(f"a fused_mbconv of expansion 1 has no squeeze-excite. Received: {gated}")
