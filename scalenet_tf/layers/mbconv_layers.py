"""The layers that an MBConv block consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scalenet_tf.config import Sharing
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.conv import DynamicConv2D
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.norm import DynamicBatchNormalization
from scalenet_tf.layers.op_menu import OpMenu
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite
from scalenet_tf.space import Op


class MBConvLayers(DynamicLayer):
    """Settings and sublayers of `DynamicMBConv`, whose arguments these are.

    Attributes:
      menu: The ops.
      expand, expand_bn: Expansion convolution and its batch norm; absent at expansion 1.
      depthwise, depthwise_bn: Depthwise convolution and its batch norm.
      squeeze_excite: Squeeze-excite; absent if no op has it.
      project, project_bn: Projection and its batch norm.
    """

    def __init__(
        self,
        ops: Sequence[Op | str],
        filters: int,
        strides: int = 1,
        residual: bool = False,
        activation: str = "hard_silu",
        reduction: int = 4,
        channels_multiple_of_4: bool = False,
        sharing: Sharing = "op",
        **kwargs: Any,
    ):
        kwargs.setdefault("rows", len(ops))
        super().__init__(**kwargs)
        if not ops or self.rows % len(ops):
            raise InvalidInputError(
                f"`rows` must be a multiple of the number of ops, {len(ops)}. Received: {self.rows}"
            )
        if activation not in ACTIVATIONS:
            raise InvalidInputError(
                f"`activation` must be one of {list(ACTIVATIONS)}. Received: {activation!r}"
            )
        self.menu = OpMenu(ops)
        self.filters = filters
        self.strides = strides
        self.residual = residual
        self.activation = activation
        self.reduction = reduction
        self.channels_multiple_of_4 = channels_multiple_of_4
        self.sharing = sharing
        # Not at expansion 1, whose hidden channels are the input's.
        self._pads = self.menu.same_expansion and self.menu.expands

    @property
    def slots(self) -> int:
        """Number of blocks that the layer holds weights for."""
        return self.rows // len(self.menu)

    @property
    def kind(self) -> tuple[Any, ...]:
        """Blocks of equal kind compute the same function of inputs, values and choice."""
        ops = tuple(op.name for op in self.menu.ops)
        how = self.strides, self.residual, self.activation, self.reduction, self.channels_multiple_of_4
        return ops, *how, self.dtype_policy.name

    def build(self, input_shape: Any) -> None:
        in_width = input_shape[-1]
        hidden = self.menu.largest_hidden(in_width)
        if self.menu.expands:
            self.expand = DynamicConv2D(hidden, **self._common(0, "expand"))
            self.expand_bn = self._hidden_norm(1, "expand_bn")
            self.expand.build((None, None, None, in_width))
            self.expand_bn.build((None, None, None, hidden))
        self.depthwise = DynamicDepthwiseConv2D(
            self.menu.kernels, self.strides, self.sharing, **self._common(2, "depthwise")
        )
        self.depthwise_bn = self._hidden_norm(3, "depthwise_bn")
        if self.menu.any_squeeze:
            self.squeeze_excite = DynamicSqueezeExcite(self.reduction, **self._common(4, "squeeze_excite"))
            self.squeeze_excite.build((None, None, None, hidden))
        self.project = DynamicConv2D(self.filters, **self._common(5, "project"))
        self.project_bn = self._norm(6, "project_bn", self.channels_multiple_of_4)
        for layer in (self.depthwise, self.depthwise_bn, self.project):
            layer.build((None, None, None, hidden))
        self.project_bn.build((None, None, None, self.filters))

    def _common(self, index: int, name: str) -> dict[str, Any]:
        seed = None if self.seed is None else [*self.seed, index]
        rows = self.slots if self.sharing == "slot" else self.rows
        return {"rows": rows, "seed": seed, "name": name, "dtype": self.dtype_policy}

    def _hidden_norm(self, index: int, name: str) -> DynamicBatchNormalization:
        return self._norm(index, name, self.channels_multiple_of_4 or self._pads)

    def _norm(self, index: int, name: str, multiple_of_4: bool) -> DynamicBatchNormalization:
        return DynamicBatchNormalization(channels_multiple_of_4=multiple_of_4, **self._common(index, name))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "ops": [op.name for op in self.menu.ops],
            "filters": self.filters,
            "strides": self.strides,
            "residual": self.residual,
            "activation": self.activation,
            "reduction": self.reduction,
            "channels_multiple_of_4": self.channels_multiple_of_4,
            "sharing": self.sharing,
        }
