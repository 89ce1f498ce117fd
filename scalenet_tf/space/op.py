"""`Op`: the kernel size, the expansion and the squeeze-excite of a block."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from pydantic import Field, model_serializer, model_validator

from scalenet_tf.utils.inputs import Integer
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.value import Value

_OP_NAME = re.compile(r"k([0-9]{1,3})e([0-9]{1,3})(s?)\Z")
_PARTS = ("kernel", "expansion", "squeeze_excite")
_MOST_VALUES = 32


class Op(Value):
    """One choice for a block: kernel size, expansion and squeeze-excite; in JSON a text such as "k5e6s".

    Attributes:
      kernel: Side of the depthwise kernel in pixels, odd.
      expansion: Hidden channels per input channel, at least 1. With 1 there is no expansion convolution.
      squeeze_excite: Whether the block has squeeze-excite.

    Raises:
      pydantic.ValidationError: If a value is out of range.

    Example:
      >>> Op(kernel=5, expansion=6).name
      'k5e6s'
    """

    kernel: Integer = Field(ge=1, le=63)
    expansion: Integer = Field(ge=1, le=64)
    squeeze_excite: bool = True

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

    def __str__(self) -> str:
        return self.name

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _OP_NAME.match(value)
        if not match:
            raise ValueError(
                f"an op is written k<kernel>e<expansion>[s], such as 'k5e6s'. Received: {value!r}"
            )
        return {
            "kernel": int(match[1]),
            "expansion": int(match[2]),
            "squeeze_excite": match[3] == "s",
        }

    @model_validator(mode="after")
    def _odd(self) -> Op:
        if self.kernel % 2 == 0:
            raise ValueError(f"`kernel` must be odd, so that padding is symmetric. Received: {self.kernel}")
        return self

    @model_serializer
    def _serialize(self) -> str:
        return self.name


@lru_cache(maxsize=1024)
def _name(kernel: int, expansion: int, squeeze_excite: bool) -> str:
    """Returns the op's name, as one shared string for all trials that contain it."""
    return f"k{kernel}e{expansion}{'s' if squeeze_excite else ''}"


def expand_ops(menu: Mapping[str, Any]) -> list[Op]:
    """Returns the ops that a product describes, such as `{kernel: [3, 5], expansion: [6]}`.

    Args:
      menu: List of values of each property; squeeze-excite may be left out and is then on.

    Raises:
      ValueError: If a property is unknown or missing, or has no list of valid values.
    """
    unknown = [key for key in menu if key not in _PARTS]
    if unknown:
        raise ValueError(f"`ops` takes {', '.join(_PARTS)}. Received: {received(unknown)}")
    missing = sorted({"kernel", "expansion"} - set(menu))
    if missing:
        raise ValueError(f"`ops` needs kernel and expansion. Missing: {missing}")
    for key, values in menu.items():
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= _MOST_VALUES:
            raise ValueError(
                f"`ops.{key}` must be a list of 1 to {_MOST_VALUES} values, such as [3, 5]. "
                f"Received: {received(values)}"
            )
    combinations = itertools.product(*(menu.get(key, [True]) for key in _PARTS))
    return [Op(kernel=k, expansion=e, squeeze_excite=s) for k, e, s in combinations]
