"""The base class of blocks in the super-supernet."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from scalenet_tf.config import Sharing
from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.dynamic_layer import DynamicLayer
from scalenet_tf.layers.norm import Moments
from scalenet_tf.layers.row_slices import Weights, one_row, values
from scalenet_tf.layers.slicing import Width
from scalenet_tf.space.any_op import parse_op
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.rules import output_size


class DynamicBlock(DynamicLayer):
    """A block for any leading channels and any op of a menu: the interface that the super-supernet uses.

    A subclass builds its sublayers in `build`, and defines `norms`, `select`, `compute` and, if hidden
    channels of zeros make it faster, `padded`.

    Args:
      ops: Menu of ops of one kind of block, as texts or `BlockOp`s; row i is op i % len(ops) of slot
        i // len(ops).
      filters: Largest number of output channels.
      strides: Stride of the block, 1 or 2.
      residual: Whether to add the input, which must have the output's shape.
      activation: Name of an activation, a key of `ACTIVATIONS`.
      reduction: Channels per squeezed channel of squeeze-excite.
      channels_multiple_of_4: Whether all input and output widths are multiples of 4, which lets batch norm
        take its fast path.
      sharing: With "op", each (slot, op) has weights of its own. With "slot", all ops of a slot share one set
        of weights: smaller kernels are the centre of the slot's, smaller widths its leading channels, and the
        ops with squeeze-excite share that.
      rows: Number of (slot, op) pairs, a multiple of len(ops).
      seed: Seed for weight initialisation, non-negative integers.

    Call arguments:
      inputs: [N, H, W, in_width].
      row: The (slot, op) to run, 0 to rows - 1.
      width: Number of output channels. Default: `filters`.
      statistics: {name of a batch norm: (mean, variance)} to normalise by. Default: the batch's own.
    """

    def __init__(
        self,
        ops: Sequence[BlockOp | str],
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
        self.ops = tuple(parse_op(op) for op in ops)
        self.filters = filters
        self.strides = strides
        self.residual = residual
        self.activation = activation
        self.reduction = reduction
        self.channels_multiple_of_4 = channels_multiple_of_4
        self.sharing = sharing

    @property
    def slots(self) -> int:
        """Number of blocks that the layer holds weights for."""
        return self.rows // len(self.ops)

    @property
    def kind(self) -> tuple[Any, ...]:
        """Blocks of equal kind compute the same function of inputs, values and choice."""
        ops = tuple(op.name for op in self.ops)
        how = self.strides, self.residual, self.activation, self.reduction, self.channels_multiple_of_4
        return ops, *how, self.dtype_policy.name

    @property
    def norms(self) -> tuple[str, ...]:
        """Names of the batch norms, in the order in which they run."""
        raise NotImplementedError

    def select(self, rows: tf.Tensor, in_width: Width, width: Width) -> dict[str, Any]:
        """Selects the weights of some rows.

        Args:
          rows: int32 [n], the (slot, op) rows, each at most once.
          in_width: Number of input channels.
          width: Number of output channels.

        Returns:
          Row slices by layer and weight.
        """
        raise NotImplementedError

    def padded(self, weights: Weights) -> Weights:
        """Stacked values with hidden channels of zeros, where that is faster; the output stays the same."""
        return weights

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
        raise NotImplementedError

    def common(self, index: int, name: str) -> dict[str, Any]:
        """Arguments of a sublayer: its rows, name and dtype, and the block's seed with an index."""
        seed = None if self.seed is None else [*self.seed, index]
        rows = self.slots if self.sharing == "slot" else self.rows
        return {"rows": rows, "seed": seed, "name": name, "dtype": self.dtype_policy}

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
        # Padding is symmetric, so the output has the same size for every odd kernel.
        out = [None if side is None else output_size(side, 1, self.strides) for side in sides]
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
            "channels_multiple_of_4": self.channels_multiple_of_4,
            "sharing": self.sharing,
        }


def dynamic_block(op: BlockOp) -> type[DynamicBlock]:
    """Returns the class that runs an op's block in the super-supernet.

    Args:
      op: Any op of the block.

    Raises:
      ScaleNetError: If `dynamic_layer` of the op's class is no such class.
    """
    module, _, name = op.dynamic_layer.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidInputError(
            f"`dynamic_layer` of {type(op).__name__} must be module:Class. Received: {op.dynamic_layer!r} "
            f"({error})"
        ) from error
    if not (isinstance(found, type) and issubclass(found, DynamicBlock)):
        raise InvalidInputError(
            f"`dynamic_layer` of {type(op).__name__} must be a subclass of DynamicBlock. "
            f"Received: {op.dynamic_layer!r}"
        )
    return found
