"""A block that declares its layers, for any leading channels and any op of its menu."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.chain_menu import ChainMenu
from scalenet_tf.layers.chain_values import pad_inner, slice_inner, zero_inner
from scalenet_tf.layers.conv_sizes import DynamicConv2DOfSizes
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.dynamic_block import DynamicBlock
from scalenet_tf.layers.norm import DynamicBatchNormalization, Moments
from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite
from scalenet_tf.space.block_layers import Conv, Depthwise, SqueezeExcite
from scalenet_tf.space.block_op import BlockOp


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicChain(DynamicBlock):
    """The layers that the ops of a block declare, one after the other.

    The arguments are those of `DynamicBlock`.

    Example:
      >>> block = DynamicChain(["residual:k3", "residual:k5"], filters=64, rows=2)
      >>> block(images, row=1, width=40).shape[-1]
      40
    """

    def __init__(self, ops: Sequence[BlockOp | str], filters: int, **kwargs: Any):
        super().__init__(ops, filters, **kwargs)
        self.menu = ChainMenu(self.ops, self.strides)
        self._activates_sum = self.ops[0].activates_sum
        # The last one has the block's own width, also with depthwise ones behind it; a depthwise one at the
        # beginning, its input's.
        # Before a larger kernel the added channels cost more than they save: 5 to 15 % of a residual's step.
        self._padded = [
            layer.name
            for n, (layer, behind) in enumerate(itertools.pairwise(self.menu.convolutions))
            if isinstance(layer, Conv)
            and self.menu.same[n]
            and any(isinstance(later, Conv) for later in self.menu.convolutions[n + 1 :])
            and (isinstance(behind, Depthwise) or max(self.menu.kernels(n + 1)) == 1)
        ]

    @property
    def norms(self) -> tuple[str, ...]:
        return tuple(f"{layer.name}_bn" for layer in self.menu.convolutions)

    def build(self, input_shape: Any) -> None:
        width, index, padded = input_shape[-1], 0, False
        widths = iter(enumerate(self.menu.largest(width, self.filters)))
        for layer in self.menu.layers:
            part: Any
            if isinstance(layer, SqueezeExcite):
                part = DynamicSqueezeExcite(self.reduction, **self.common(index, layer.name))
                self._add(part, layer.name, width)
                index += 1
                continue
            number, out = next(widths)
            sizes = self.menu.kernels(number), layer.stride, self.sharing
            common = self.common(index, layer.name)
            if isinstance(layer, Depthwise):
                part = DynamicDepthwiseConv2D(*sizes, **common)
            else:
                part = DynamicConv2DOfSizes(out, *sizes, **common)
                padded = layer.name in self._padded
            self._add(part, layer.name, width)
            multiple = padded or (self.channels_multiple_of_4 and self.menu.multiple_of_4[number])
            common = self.common(index + 1, f"{layer.name}_bn")
            norm = DynamicBatchNormalization(channels_multiple_of_4=multiple, **common)
            self._add(norm, norm.name, out)
            width, index = out, index + 2

    def _add(self, part: Any, name: str, width: int) -> None:
        part.build((None, None, None, width))
        # An attribute for each, as Keras tracks sublayers; no name of a layer can be that of an attribute.
        setattr(self, f"{name}_layer", part)

    def _part(self, name: str) -> Any:
        return getattr(self, f"{name}_layer")

    def select(self, rows: tf.Tensor, in_width: Width, width: Width) -> dict[str, Any]:
        choices = rows % len(self.ops)
        if self.sharing == "slot":
            rows = rows // len(self.ops)
        channels = iter(self.menu.used(in_width, width, choices))
        into, used_in = in_width, None
        selection: dict[str, Any] = {}
        for layer in self.menu.layers:
            part = self._part(layer.name)
            if isinstance(layer, SqueezeExcite):
                gated = self.menu.used_in_gate(into, used_in, choices)
                selection[layer.name] = part.select(rows, into, gated)
                continue
            out, used = next(channels)
            if isinstance(layer, Depthwise):
                selection[layer.name] = part.select(rows, into, choices, used_in)
            else:
                selection[layer.name] = part.select(rows, into, out, choices, used_in, used)
            selection[f"{layer.name}_bn"] = self._part(f"{layer.name}_bn").select(rows, out, used)
            into, used_in = out, used
        return selection

    def padded(self, weights: Weights) -> Weights:
        # Nothing is gained where batch norm has given statistics.
        if "mean" in weights[self.norms[0]]:
            return weights
        return pad_inner(weights, self.menu.layers, self._padded)

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
        if not all(self.menu.same):
            out = tf.shape(weights[self.menu.layers[-1].name]["kernel"])[-1]
            chosen = self.menu.chosen(tf.shape(inputs)[-1], out, choice)
            reduced = zero_inner if static else slice_inner
            weights = reduced(weights, self.menu.layers, chosen, self.reduction)
        x = inputs
        for layer in self.menu.layers:
            if isinstance(layer, SqueezeExcite):
                x = self._squeeze(x, weights[layer.name], layer.name, choice)
                continue
            x = self._part(layer.name).compute(x, weights[layer.name], choice)
            norm = f"{layer.name}_bn"
            x, statistics[norm] = self._part(norm).compute(x, weights[norm], replicas)
            x = activate(x) if layer.activate else x
        x = x + inputs if self.residual else x
        return (activate(x) if self._activates_sum else x), statistics

    def _squeeze(self, x: tf.Tensor, weights: Weights, name: str, choice: Width) -> tf.Tensor:
        part = self._part(name)
        if self.menu.all_gates:
            return part.compute(x, weights)
        return tf.cond(self.menu.has_gate(choice), lambda: part.compute(x, weights), lambda: x)
