"""`BlockOp`, the base class of blocks: the choices for a block as a value, and the layers that they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, model_serializer, model_validator

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.block_layers import BlockLayer
from scalenet_tf.utils.inputs import Integer
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.value import Value

MBCONV = "mbconv"
# The blocks that ship, by the name that a space gives them; others are named module:Class.
SHIPPED = {
    MBCONV: "scalenet_tf.space.op:Op",
    "fused_mbconv": "scalenet_tf.space.fused_mbconv:FusedMBConv",
    "residual": "scalenet_tf.space.residual:Residual",
}


def _odd(kernel: int) -> int:
    if kernel % 2 == 0:
        raise ValueError(f"`kernel` must be odd, so that padding is symmetric. Received: {kernel}")
    return kernel


Kernel = Annotated[Integer, Field(ge=1, le=63), AfterValidator(_odd)]
Expansion = Annotated[Integer, Field(ge=1, le=64)]


class BlockOp(Value):
    """One choice for a block; a subclass is a block of its own.

    A subclass declares fields (integers and booleans), the letter of each in `letters`, and `layers`. Costs,
    the plain Keras model and the super-supernet follow from these. In JSON an op is a text: the block's name
    and the letters with their values, such as "fused_mbconv:k3e4"; MBConv's ops have no name before them.

    Attributes:
      letters: One lower-case letter for each field, in the order in which the text has them.
      activates_sum: Whether the activation follows the addition of the block's input, as in ResNet.
      dynamic_layer: The block in the super-supernet as "module:Class", a subclass of
        `scalenet_tf.layers.dynamic_block.DynamicBlock`. The default runs any `layers`.

    Example:
      >>> FusedMBConv(kernel=3, expansion=4).name
      'fused_mbconv:k3e4'
    """

    letters: ClassVar[Mapping[str, str]] = {}
    activates_sum: ClassVar[bool] = False
    dynamic_layer: ClassVar[str] = "scalenet_tf.layers.chain:DynamicChain"

    def layers(self, in_width: Any, out_width: Any, stride: int) -> Sequence[BlockLayer]:
        """Returns the block's layers, from input to output.

        Args:
          in_width: Number of input channels: an integer, or a tensor in the super-supernet. Widths are to be
            computed with `+`, `-`, `*` and `//` alone.
          out_width: Number of output channels, which the last convolution has.
          stride: 1 or 2; the strides of the layers multiply to it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `layers`")

    @classmethod
    def check_menu(cls, ops: Sequence[Any]) -> None:
        """Raises ValueError if these ops cannot be the choices of one stage, for reasons of this block."""

    @cached_property
    def name(self) -> str:
        block = block_name(type(self))
        return self._text() if block == MBCONV else f"{block}:{self._text()}"

    def _text(self) -> str:
        values = [(letter, getattr(self, field)) for field, letter in self.letters.items()]
        return "".join(
            (letter if value else "") if isinstance(value, bool) else f"{letter}{value}"
            for letter, value in values
        )

    # A search compares and hashes ops very often.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BlockOp):
            return NotImplemented
        return type(self) is type(other) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        return self.name

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        booleans = {field for field in cls.letters if cls.model_fields[field].annotation is bool}
        text = value.removeprefix(f"{block_name(cls)}:")
        match = re.match(
            "".join(f"({c}?)" if f in booleans else f"{c}([0-9]{{1,3}})" for f, c in cls.letters.items())
            + r"\Z",
            text,
        )
        if not match:
            written = "".join(f"[{c}]" if f in booleans else f"{c}<{f}>" for f, c in cls.letters.items())
            example = "".join(c if f in booleans else f"{c}3" for f, c in cls.letters.items())
            raise ValueError(f"an op is written {written}, such as {example!r}. Received: {received(value)}")
        return {
            field: bool(found) if field in booleans else int(found)
            for field, found in zip(cls.letters, match.groups(), strict=True)
        }

    @model_serializer
    def _serialize(self) -> str:
        return self.name


@cache
def block_name(block: type[BlockOp]) -> str:
    """Returns the name of a block in a space: that of a shipped one, or module:Class.

    Args:
      block: Class of the block's ops.

    Raises:
      ScaleNetError: If it is in no module that another process could import.
    """
    path = f"{block.__module__}:{block.__qualname__}"
    if block.__module__ == "__main__" or "<locals>" in path:
        raise InvalidInputError(
            "a block must be a class at the top of a module that can be imported, since the job's processes "
            f"load it by name. Received: {path}. Move it to a file of its own, and import it from there."
        )
    return next((name for name, own in SHIPPED.items() if own == path), path)
