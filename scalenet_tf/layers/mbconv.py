"""The block of every space, MBConv, for any leading channels and any op of its menu."""

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
from scalenet_tf.layers.row_slices import Weights, one_row, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.layers.squeeze_excite import squeezed_width
from scalenet_tf.space.rules import output_size


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicMBConv(MBConvLayers):
    """Expansion, depthwise convolution, squeeze-excite and projection, for each (slot, op).

    Args:
      ops: Menu of ops, "k5e6s" or `Op` each; row i is op i % len(ops) of slot i // len(ops). Either all have
        expansion 1, which leaves the expansion convolution out, or none has.
      filters: Largest number of output channels.
      strides: Stride of the depthwise convolution, 1 or 2.
      residual: Whether to add the input, which must have the output's shape.
      activation: Name of an activation, a key of `ACTIVATIONS`.
      reduction: Hidden channels per squeezed channel of squeeze-excite.
      channels_multiple_of_4: Whether all input and output widths are multiples of 4, which lets batch norm
        take its fast path.
      sharing: With "op", each (slot, op) has weights of its own. With "slot", all ops of a slot share one set
        of weights: smaller kernels are the centre of the slot's, smaller expansions its leading hidden
        channels, and the ops with squeeze-excite share that.
      rows: Number of (slot, op) pairs, a multiple of len(ops).
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, H, W, in_width].
      row: The (slot, op) to run, 0 to rows - 1.
      width: Number of output channels. Default: `filters`.
      statistics: {"depthwise_bn": (mean, variance), …} for batch norm. Default: the batch's own.

    Example:
      >>> block = DynamicMBConv(["k3e6s", "k5e6s"], filters=64, rows=2)
      >>> block(images, row=1, width=40).shape[-1]
      40
    """

    def select(self, rows: tf.Tensor, in_width: Width, width: Width) -> dict[str, Any]:
        """Selects the weights of some rows.

        Args:
          rows: int32 [n], the (slot, op) rows, each at most once.
          in_width: Number of input channels.
          width: Number of output channels.

        Returns:
          Row slices by layer and weight.
        """
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
        """Runs one op with the values of one row.

        Args:
          inputs: [N, H, W, in_width].
          weights: Values by layer and weight.
          choice: int32 [], index of the op.
          replicas: Replicas that share the batch in equal parts.
          static: Whether no shape may depend on `choice`: then unused channels are zero instead of absent.

        Returns:
          The output, and the statistics that each batch norm used.
        """
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

    def call(
        self,
        inputs: tf.Tensor,
        row: Width = 0,
        width: Width | None = None,
        statistics: dict[str, Moments] | None = None,
    ) -> tf.Tensor:
        width = self.filters if width is None else width
        selection = self.select(tf.reshape(row, [1]), tf.shape(inputs)[-1], width)
        weights = one_row(values(selection))
        for name, (mean, variance) in (statistics or {}).items():
            weights[name] |= {"mean": mean, "variance": variance}
        return self.compute(inputs, weights, row % len(self.menu))[0]

    def compute_output_shape(
        self, input_shape: Any, row: Any = 0, width: int | None = None, statistics: Any = None
    ) -> tuple[int | None, ...]:
        count, *sides, _ = input_shape
        size = self.menu.kernels[0]
        out = [None if s is None else output_size(s, size, self.strides) for s in sides]
        return (count, *out, self.filters if width is None else width)
