"""The layers that an MBConv block consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scalenet_tf.layers.conv import DynamicConv2D
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.dynamic_block import DynamicBlock
from scalenet_tf.layers.norm import DynamicBatchNormalization
from scalenet_tf.layers.op_menu import OpMenu
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite
from scalenet_tf.space.block_op import BlockOp


class MBConvLayers(DynamicBlock):
    """Settings and sublayers of `DynamicMBConv`, whose arguments these are.

    Attributes:
      menu: The ops.
      expand, expand_bn: Expansion convolution and its batch norm; absent at expansion 1.
      depthwise, depthwise_bn: Depthwise convolution and its batch norm.
      squeeze_excite: Squeeze-excite; absent if no op has it.
      project, project_bn: Projection and its batch norm.
    """

    def __init__(self, ops: Sequence[BlockOp | str], filters: int, **kwargs: Any):
        super().__init__(ops, filters, **kwargs)
        self.menu = OpMenu(ops)
        # Not at expansion 1, whose hidden channels are the input's.
        self._pads = self.menu.same_expansion and self.menu.expands

    @property
    def norms(self) -> tuple[str, ...]:
        return (*(("expand_bn",) if self.menu.expands else ()), "depthwise_bn", "project_bn")

    def build(self, input_shape: Any) -> None:
        in_width = input_shape[-1]
        hidden = self.menu.largest_hidden(in_width)
        if self.menu.expands:
            self.expand = DynamicConv2D(hidden, **self.common(0, "expand"))
            self.expand_bn = self._hidden_norm(1, "expand_bn")
            self.expand.build((None, None, None, in_width))
            self.expand_bn.build((None, None, None, hidden))
        self.depthwise = DynamicDepthwiseConv2D(
            self.menu.kernels, self.strides, self.sharing, **self.common(2, "depthwise")
        )
        self.depthwise_bn = self._hidden_norm(3, "depthwise_bn")
        if self.menu.any_squeeze:
            self.squeeze_excite = DynamicSqueezeExcite(self.reduction, **self.common(4, "squeeze_excite"))
            self.squeeze_excite.build((None, None, None, hidden))
        self.project = DynamicConv2D(self.filters, **self.common(5, "project"))
        self.project_bn = self._norm(6, "project_bn", self.channels_multiple_of_4)
        for layer in (self.depthwise, self.depthwise_bn, self.project):
            layer.build((None, None, None, hidden))
        self.project_bn.build((None, None, None, self.filters))

    def _hidden_norm(self, index: int, name: str) -> DynamicBatchNormalization:
        return self._norm(index, name, self.channels_multiple_of_4 or self._pads)

    def _norm(self, index: int, name: str, multiple_of_4: bool) -> DynamicBatchNormalization:
        return DynamicBatchNormalization(channels_multiple_of_4=multiple_of_4, **self.common(index, name))
