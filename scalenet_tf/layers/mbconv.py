"""The block of every space, MBConv, of any leading channels and any of its ops."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.conv import DynamicConv2D
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.norm import DynamicBatchNormalization, Moments
from scalenet_tf.layers.row_slices import DynamicLayer, Weights, one_row, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite, squeezed_width
from scalenet_tf.space import Op
from scalenet_tf.space.rules import hidden_width, output_size

# Floats of a vector: convolutions and batch norm of whole ones are the fastest on a CPU.
LANES = 16


@keras.saving.register_keras_serializable("scalenet_tf")
class DynamicMBConv(DynamicLayer):
    """Expansion, depthwise convolution, squeeze-excite, projection: a row for each (slot, op).

    Args:
      ops: The menu: row i belongs to op i % len(ops). "k5e6s" or `Op` each; either all have
        expansion 1, which leaves the expansion convolution out, or none has.
      filters: Most output channels.
      strides: Of the depthwise convolution, 1 or 2.
      residual: Add the input; it has to have the output's shape.
      activation: A key of `ACTIVATIONS`.
      reduction: Of squeeze-excite.
      in_fours: Whether all widths, in and out, are multiples of 4, which `batch_norm` is told.
      rows: A multiple of len(ops).
      seed: Of the initial values.

    Call arguments:
      inputs: [N, H, W, in_width].
      row: Which (slot, op), 0 to rows - 1.
      width: Output channels; all where None.
      statistics: {"depthwise_bn": (mean, variance), …}; the batch's own where None.

    Example:
      >>> block = DynamicMBConv(["k3e6s", "k5e6s"], filters=64, rows=2)
      >>> block(images, row=1, width=40).shape[-1]
      40
    """

    def __init__(
        self,
        ops: Sequence[Op | str],
        filters: int,
        strides: int = 1,
        residual: bool = False,
        activation: str = "hard_silu",
        reduction: int = 4,
        in_fours: bool = False,
        **kwargs: Any,
    ):
        kwargs.setdefault("rows", len(ops))
        super().__init__(**kwargs)
        if not ops or self.rows % len(ops):
            raise ScaleNetError(
                f"`rows` must be a multiple of the number of ops, {len(ops)}. Received: {self.rows}"
            )
        if activation not in ACTIVATIONS:
            raise ScaleNetError(f"`activation` must be one of {list(ACTIVATIONS)}. Received: {activation!r}")
        self.ops = [Op.model_validate(op) for op in ops]
        self.filters = filters
        self.strides = strides
        self.residual = residual
        self.activation = activation
        self.reduction = reduction
        self.in_fours = in_fours
        self._expansions = [op.expansion for op in self.ops]
        self._squeezes = [op.squeeze_excite for op in self.ops]
        self._same_hidden = len(set(self._expansions)) == 1
        # Not at expansion 1, whose hidden channels are the input's.
        self._pads = self._same_hidden and self._expansions[0] > 1

    @property
    def kind(self) -> tuple[Any, ...]:
        """Blocks of one kind compute the same function of inputs, weights and choice."""
        ops = tuple(op.name for op in self.ops)
        how = self.strides, self.residual, self.activation, self.reduction, self.in_fours
        return ops, *how, self.dtype_policy.name

    def build(self, input_shape: Any) -> None:
        in_width = input_shape[-1]
        hidden = hidden_width(in_width, max(self._expansions))

        def common(index: int, name: str) -> dict[str, Any]:
            seed = None if self.seed is None else [*self.seed, index]
            return {"rows": self.rows, "seed": seed, "name": name, "dtype": self.dtype_policy}

        def hidden_norm(index: int, name: str) -> DynamicBatchNormalization:
            in_fours = self.in_fours or self._pads
            return DynamicBatchNormalization(in_fours=in_fours, **common(index, name))

        if max(self._expansions) > 1:
            self.expand = DynamicConv2D(hidden, **common(0, "expand"))
            self.expand_bn = hidden_norm(1, "expand_bn")
            self.expand.build((None, None, None, in_width))
            self.expand_bn.build((None, None, None, hidden))
        kernels = [op.kernel for op in self.ops]
        self.depthwise = DynamicDepthwiseConv2D(kernels, self.strides, **common(2, "depthwise"))
        self.depthwise_bn = hidden_norm(3, "depthwise_bn")
        if any(self._squeezes):
            self.squeeze_excite = DynamicSqueezeExcite(self.reduction, **common(4, "squeeze_excite"))
            self.squeeze_excite.build((None, None, None, hidden))
        self.project = DynamicConv2D(self.filters, **common(5, "project"))
        self.project_bn = DynamicBatchNormalization(in_fours=self.in_fours, **common(6, "project_bn"))
        for layer in (self.depthwise, self.depthwise_bn, self.project):
            layer.build((None, None, None, hidden))
        self.project_bn.build((None, None, None, self.filters))

    def select(self, rows: tf.Tensor, in_width: Width, width: Width) -> dict[str, Any]:
        """The weights of `rows` [n] for so many input and output channels."""
        choices = rows % len(self.ops)
        hidden = hidden_width(in_width, self._expansions[0])
        used = squeezed = None
        if not self._same_hidden:
            each: Any = hidden_width(in_width, tf.gather(tf.constant(self._expansions), choices))
            hidden = hidden_width(in_width, max(self._expansions))
            if not isinstance(in_width, int):
                hidden = tf.reduce_max(tf.concat([each, [in_width]], 0))
            used = squeezed = tf.range(hidden) < each[:, None]
        if len(set(self._squeezes)) > 1:
            has = tf.gather(tf.constant(self._squeezes), choices)[:, None]
            squeezed = has & (tf.ones([1, hidden], tf.bool) if used is None else used)
        selection: dict[str, Any] = {}
        if max(self._expansions) > 1:
            out = None if used is None else used[:, None, :]
            selection["expand"] = self.expand.select(rows, in_width, hidden, out)
            selection["expand_bn"] = self.expand_bn.select(rows, hidden, used)
        selection["depthwise"] = self.depthwise.select(rows, hidden, used)
        selection["depthwise_bn"] = self.depthwise_bn.select(rows, hidden, used)
        if any(self._squeezes):
            selection["squeeze_excite"] = self.squeeze_excite.select(rows, hidden, squeezed)
        into = None if used is None else used[:, :, None]
        selection["project"] = self.project.select(rows, hidden, width, into)
        selection["project_bn"] = self.project_bn.select(rows, width)
        return selection

    def padded(self, weights: Weights) -> Weights:
        """Stacked values with hidden channels of zeros up to a multiple of `LANES`, which changes no output.

        They stay as they are where statistics are given, which batch norm has no need to take; where ops
        differ in expansion; and at expansion 1.
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
        """Runs op `choice` with one row's values; returns the output and the statistics used.

        With `static` no shape depends on `choice`: what its op does not use is zero instead of cut.
        """
        activate = ACTIVATIONS[self.activation]
        statistics: dict[str, Moments] = {}
        if not self._same_hidden:
            hidden = hidden_width(tf.shape(inputs)[-1], tf.gather(self._expansions, choice))
            limited = silence if static else narrow
            weights = limited(weights, hidden, squeezed_width(hidden, self.reduction))
        x = inputs
        if max(self._expansions) > 1:
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
        if not any(self._squeezes):
            return x
        if all(self._squeezes):
            return self.squeeze_excite.compute(x, weights["squeeze_excite"])
        return tf.cond(
            tf.gather(self._squeezes, choice),
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
        return self.compute(inputs, weights, row % len(self.ops))[0]

    def compute_output_shape(
        self, input_shape: Any, row: Any = 0, width: int | None = None, statistics: Any = None
    ) -> tuple[int | None, ...]:
        count, *sides, _ = input_shape
        size = self.ops[0].kernel
        out = [None if s is None else output_size(s, size, self.strides) for s in sides]
        return (count, *out, self.filters if width is None else width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "ops": [op.name for op in self.ops],
            "filters": self.filters,
            "strides": self.strides,
            "residual": self.residual,
            "activation": self.activation,
            "reduction": self.reduction,
            "in_fours": self.in_fours,
        }


def pad_hidden(weights: Weights, count: Width) -> Weights:
    """Values with `count` more hidden channels, all zero: scale and offset keep them at zero throughout."""

    @cache
    def paddings(rank: int, axis: int) -> Any:  # a static count gives static shapes
        return np.array([[0, own == axis] for own in range(rank)], np.int32) * count

    def widen(value: tf.Tensor, axis: int) -> tf.Tensor:
        rank = len(value.shape)
        return tf.pad(value, paddings(rank, rank + axis))

    wide = {name: dict(part) for name, part in weights.items()}
    for name in ("expand", "expand_bn", "depthwise", "depthwise_bn"):
        wide[name] = {key: widen(value, -1) for key, value in wide[name].items()}
    wide["project"]["kernel"] = widen(wide["project"]["kernel"], -2)
    if "squeeze_excite" in wide:
        squeeze, excite = wide["squeeze_excite"]["squeeze"], wide["squeeze_excite"]["excite"]
        wide["squeeze_excite"] = {
            "squeeze": {**squeeze, "kernel": widen(squeeze["kernel"], -2)},
            "excite": {key: widen(value, -1) for key, value in excite.items()},
        }
    return wide


def narrow(weights: Weights, hidden: Width, squeezed: Width) -> Weights:
    """One row's values cut to its own op's hidden width, where ops of several expansions share rows."""
    cut = {name: dict(part) for name, part in weights.items()}
    for name in ("expand_bn", "depthwise_bn"):
        if name in cut:
            cut[name] = {key: value[..., :hidden] for key, value in cut[name].items()}
    if "expand" in cut:
        cut["expand"]["kernel"] = cut["expand"]["kernel"][..., :hidden]
    cut["depthwise"]["kernel"] = cut["depthwise"]["kernel"][..., :hidden]
    cut["project"]["kernel"] = cut["project"]["kernel"][:, :, :hidden]
    if "squeeze_excite" in cut:
        squeeze, excite = cut["squeeze_excite"]["squeeze"], cut["squeeze_excite"]["excite"]
        cut["squeeze_excite"] = {
            "squeeze": {"kernel": squeeze["kernel"][:hidden, :squeezed], "bias": squeeze["bias"][:squeezed]},
            "excite": {"kernel": excite["kernel"][:squeezed, :hidden], "bias": excite["bias"][:hidden]},
        }
    return cut


def silence(weights: Weights, hidden: Width, squeezed: Width) -> Weights:
    """`narrow` at the full width: channels past the op's own come out as zero, and receive no gradient.

    Scale and offset of zero suffice, since every activation maps zero to zero; squeezed channels take
    part in the gate of the others and have weights of zero.
    """

    def leading(value: tf.Tensor, count: Width) -> tf.Tensor:
        return tf.where(tf.range(value.shape[-1]) < count, value, tf.zeros([], value.dtype))

    quiet = {name: dict(part) for name, part in weights.items()}
    for name in ("expand_bn", "depthwise_bn"):
        if name in quiet:
            quiet[name]["gamma_beta"] = leading(quiet[name]["gamma_beta"], hidden)
    if "squeeze_excite" in quiet:
        squeeze = quiet["squeeze_excite"]["squeeze"]
        quiet["squeeze_excite"]["squeeze"] = {key: leading(squeeze[key], squeezed) for key in squeeze}
    return quiet
