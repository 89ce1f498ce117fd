"""Ops of any block, parsed from what a space or a result file contains."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from scalenet_tf.errors import nearest
from scalenet_tf.space.block_op import MBCONV, SHIPPED, BlockOp
from scalenet_tf.utils.shown import received

_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


@lru_cache(maxsize=256)
def block_class(name: str) -> type[BlockOp]:
    """Returns the class of a block.

    Args:
      name: "mbconv", "fused_mbconv", "residual", or "module:Class" of your own.

    Raises:
      ValueError: If there is no such block, or its class is not a `BlockOp`.
    """
    path = SHIPPED.get(name, name)
    if not _PATH.fullmatch(path):
        raise ValueError(
            f"`block` is {', '.join(SHIPPED)} or module:Class. "
            f"Received: {received(name)}.{nearest(name, SHIPPED)}"
        )
    module, _, attribute = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"no block {name!r} on PYTHONPATH: {error}") from error
    if not (isinstance(found, type) and issubclass(found, BlockOp)):
        raise ValueError(f"`block` must be a subclass of BlockOp. Received: {received(name)}")
    return found


def parse_op(value: Any) -> Any:
    """Returns the op of a text such as "k5e6s" or "fused_mbconv:k3e4", or of its fields.

    Args:
      value: A text, a mapping of the op's fields with the `block` unless it is MBConv, or an op.

    Raises:
      ValueError: If it is no op.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, Mapping):
        block = value.get("block", MBCONV)
        fields = {key: own for key, own in value.items() if key != "block"}
        return block_class(str(block)).model_validate(fields)
    return value


# A search reads the same few ops millions of times.
@lru_cache(maxsize=4096)
def _of_text(text: str) -> BlockOp:
    block, _, _ = text.rpartition(":")
    return block_class(block or MBCONV).model_validate(text)


AnyOp = Annotated[BlockOp, BeforeValidator(parse_op)]
