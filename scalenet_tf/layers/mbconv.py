"""The MBConv block, for any leading channels and any op of its menu."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.hidden_slices import slice_hidden, zero_hidden
from scalenet_tf.layers.mbconv_layers import MBConvLayers
from scalenet_tf.layers.norm import Moments
from scalenet_tf.layers.padding import LANES, pad_hidden
from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width
from scalenet_tf.layers.squeeze_excite import squeezed_width


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicMBConv(MBConvLayers):
    """Expansion, depthwise convolution, squeeze-excite and projection, for each (slot, op).

    Either all ops have expansion 1, which leaves the expansion convolution out, or none has. The arguments
    are those of `DynamicBlock`.

    Example:
      >>> block = DynamicMBConv(["k3e6s", "k5e6s"], filters=64, rows=2)
      >>> block(images, row=1, width=40).shape[-1]
      40
    """

    def select(self, rows: tf.Tensor, in_width: Width, width: Width) -> dict[str, Any]:
        choices = rows % len(self.menu)
        if self.sharing == "slot":
            rows = rows // len(self.menu)
        hidden, used = self.menu.used_hidden(in_width, choices)
        selection: dict[str, Any] = {}
        if self.menu.expands:
            out = None if used is None else used[:, None, :]
            selection["expand"] = self.expand.select(rows, in_width, hidden, out)
            selection["expand_bn"] = self.expand_bn.select(rows, hidden, used)
        selection["depthwise"] = self.depthwise.select(rows, hidden, choices, used)
        selection["depthwise_bn"] = self.depthwise_bn.select(rows, hidden, used)
        if self.menu.any_squeeze:
            gated = self.menu.used_in_squeeze_excite(hidden, used, choices)
            selection["squeeze_excite"] = self.squeeze_excite.select(rows, hidden, gated)
        into = None if used is None else used[:, :, None]
        selection["project"] = self.project.select(rows, hidden, width, into)
        selection["project_bn"] = self.project_bn.select(rows, width)
        return selection

    def padded(self, weights: Weights) -> Weights:
        """Stacked values with hidden channels of zeros up to a multiple of `LANES`.

        The block's output stays the same. Nothing is added where batch norm has given statistics and so
        nothing to gain, where ops differ in expansion, or at expansion 1.
        """
        if not self._pads or "mean" in weights["depthwise_bn"]:
            return weights
        kernel = weights["depthwise"]["kernel"]
        hidden = tf.shape(kernel)[-1] if kernel.shape[-1] is None else kernel.shape[-1]
        return pad_hidden(weights, -hidden % LANES)

    def compute(
        self,
        inputs: tf.Tensor,
        weights: Weights,
        choice: Width,
        replicas: Replicas = ONE,
        static: bool = False,
    ) -> tuple[tf.Tensor, dict[str, Moments]]:
        activate = ACTIVATIONS[self.activation]
        statistics: dict[str, Moments] = {}
        if not self.menu.same_expansion:
            hidden = self.menu.hidden(tf.shape(inputs)[-1], choice)
            reduced = zero_hidden if static else slice_hidden
            weights = reduced(weights, hidden, squeezed_width(hidden, self.reduction))
        x = inputs
        if self.menu.expands:
            x = self.expand.compute(x, weights["expand"])
            x, statistics["expand_bn"] = self.expand_bn.compute(x, weights["expand_bn"], replicas)
            x = activate(x)
        x = self.depthwise.compute(x, weights["depthwise"], choice)
        x, statistics["depthwise_bn"] = self.depthwise_bn.compute(x, weights["depthwise_bn"], replicas)
        x = self._squeeze(activate(x), weights, choice)
        x = self.project.compute(x, weights["project"])
        x, statistics["project_bn"] = self.project_bn.compute(x, weights["project_bn"], replicas)
        return (x + inputs if self.residual else x), statistics

    def _squeeze(self, x: tf.Tensor, weights: Weights, choice: Width) -> tf.Tensor:
        if not self.menu.any_squeeze:
            return x
        if self.menu.all_squeeze:
            return self.squeeze_excite.compute(x, weights["squeeze_excite"])
        return tf.cond(
            self.menu.squeezes(choice),
            lambda: self.squeeze_excite.compute(x, weights["squeeze_excite"]),
            lambda: x,
        )
