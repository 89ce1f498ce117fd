"""`Op`: the kernel size, the expansion and the squeeze-excite of an MBConv block."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from pydantic import Field, model_validator

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.block_layers import BlockLayer, Conv, Depthwise, SqueezeExcite
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.rules import hidden_width
from scalenet_tf.utils.inputs import Integer


class Op(BlockOp):
    """One choice for an MBConv block: kernel, expansion and squeeze-excite; in JSON a text such as "k5e6s".

    Attributes:
      kernel: Side of the depthwise kernel in pixels, odd.
      expansion: Hidden channels per input channel, at least 1. With 1 there is no expansion convolution.
      squeeze_excite: Whether the block has squeeze-excite.

    Raises:
      ScaleNetError: If a value is out of range.

    Example:
      >>> Op(kernel=5, expansion=6).name
      'k5e6s'
    """

    letters: ClassVar = {"kernel": "k", "expansion": "e", "squeeze_excite": "s"}
    dynamic_layer: ClassVar = "scalenet_tf.layers.mbconv:DynamicMBConv"

    kernel: Integer = Field(ge=1, le=63)
    expansion: Integer = Field(ge=1, le=64)
    squeeze_excite: bool = True

    def __init_subclass__(cls, **options: Any) -> None:
        raise InvalidInputError(
            f"an own block must be a subclass of BlockOp. Received: {cls.__name__}, a subclass of Op, whose "
            "names are those of MBConv: a space would read it as that."
        )

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[BlockLayer]:
        expand = [Conv("expand", hidden_width(in_width, self.expansion))] if self.expansion > 1 else []
        gate = [SqueezeExcite()] if self.squeeze_excite else []
        depthwise = Depthwise("depthwise", self.kernel, stride)
        return [*expand, depthwise, *gate, Conv("project", out_width, activate=False)]

    @classmethod
    def check_menu(cls, ops: Sequence[Any]) -> None:
        check_expansions(ops)

    @cached_property
    def name(self) -> str:
        return _name(self.kernel, self.expansion, self.squeeze_excite)

    # A search compares and hashes ops millions of times; pydantic's own methods are several times slower.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Op):
            return NotImplemented
        return (
            self.kernel == other.kernel
            and self.expansion == other.expansion
            and self.squeeze_excite == other.squeeze_excite
        )

    def __hash__(self) -> int:
        return hash((self.kernel, self.expansion, self.squeeze_excite))

    @model_validator(mode="after")
    def _odd(self) -> Op:
        if self.kernel % 2 == 0:
            raise ValueError(f"`kernel` must be odd, so that padding is symmetric. Received: {self.kernel}")
        return self


@lru_cache(maxsize=1024)
def _name(kernel: int, expansion: int, squeeze_excite: bool) -> str:
    """Returns the op's name, as one shared string for all trials that contain it."""
    return f"k{kernel}e{expansion}{'s' if squeeze_excite else ''}"


def check_expansions(ops: Sequence[Any]) -> None:
    """Raises ValueError if only some ops of a stage have expansion 1, which leaves a convolution out."""
    if len({op.expansion == 1 for op in ops}) > 1:
        raise ValueError(
            "`ops` of one stage must either all have expansion 1 (no expansion convolution) or all "
            f"have more. Received: {[op.name for op in ops]}"
        )
