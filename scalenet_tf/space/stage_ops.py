"""The menu of ops of a stage: as YAML has it, and the check that the ops can be choices of the same block."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scalenet_tf.space.any_op import block_class, parse_op
from scalenet_tf.space.block_layers import BlockLayer, Conv, SqueezeExcite, widths_of
from scalenet_tf.space.block_op import MBCONV, BlockOp
from scalenet_tf.utils.shown import received

# Not what other layers of the block are called.
_NAME = re.compile(r"(?!out$)(?!.*_bn$)[a-z][a-z0-9_]*")
_MOST_VALUES = 32
_IN_WIDTH, _OUT_WIDTH = 24, 40  # widths that tell inner widths apart


def read_menu(block: Any, ops: Any) -> Any:
    """Returns the ops of a stage from what its `block` and `ops` are in YAML.

    Args:
      block: Name of the block, for ops that do not state it. Default: MBConv.
      ops: List of ops, or lists of values by field, such as `{kernel: [3, 5], expansion: [6]}`.

    Raises:
      ValueError: If the block is unknown, or the ops are not its own.
    """
    if block is not None and not isinstance(block, str):
        raise ValueError(f"`block` must be a text. Received: {received(block)}")
    own = block_class(block or MBCONV)
    if isinstance(ops, Mapping):
        return expand_ops(ops, own)
    if block is None or not isinstance(ops, (list, tuple)):
        return ops
    menu = [own.model_validate(op) if _states_no_block(op) else parse_op(op) for op in ops]
    others = [op for op in menu if not isinstance(op, own)]
    if others:
        raise ValueError(
            f"`ops` of block {block} must be its own. Received: {received(list(map(str, others)))}"
        )
    return menu


def _states_no_block(op: Any) -> bool:
    stated = ":" if isinstance(op, str) else "block"
    return isinstance(op, (str, Mapping)) and stated not in op


def expand_ops(menu: Mapping[str, Any], block: type[BlockOp]) -> list[BlockOp]:
    """Returns the ops that a product describes, such as `{kernel: [3, 5], expansion: [6]}`.

    Args:
      menu: List of values of each field; those with a default may be left out.
      block: Class of the ops.

    Raises:
      ValueError: If a field is unknown or missing, or has no list of valid values.
    """
    unknown = [key for key in menu if key not in block.letters]
    if unknown:
        raise ValueError(f"`ops` takes {', '.join(block.letters)}. Received: {received(unknown)}")
    needed = [field for field in block.letters if block.model_fields[field].is_required()]
    missing = sorted(set(needed) - set(menu))
    if missing:
        raise ValueError(f"`ops` needs {' and '.join(needed)}. Missing: {missing}")
    for key, values in menu.items():
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= _MOST_VALUES:
            raise ValueError(
                f"`ops.{key}` must be a list of 1 to {_MOST_VALUES} values, such as [3, 5]. "
                f"Received: {received(values)}"
            )
    fields = [field for field in block.letters if field in menu]
    combinations = itertools.product(*(menu[field] for field in fields))
    return [block.model_validate(dict(zip(fields, values, strict=True))) for values in combinations]


def check_menu(ops: Sequence[BlockOp], stride: int) -> None:
    """Checks that ops can be the choices of one stage.

    Args:
      ops: The ops.
      stride: Stride of the stage.

    Raises:
      ValueError: If they belong to several blocks, or declare layers that one set of weights cannot run.
    """
    if len({type(op) for op in ops}) > 1:
        raise ValueError(
            f"`ops` of one stage must be of one block; another stage may have another. "
            f"Received: {[op.name for op in ops]}"
        )
    type(ops[0]).check_menu(ops)
    for op in ops:
        _check_text(op)
    for own in dict.fromkeys((stride, 1)):  # All blocks of a stage but the first one have stride 1.
        _check_chains(ops, own)


def _check_text(op: BlockOp) -> None:
    """Raises ValueError if an op that is stored as text would be read as another one."""
    without = sorted(set(type(op).model_fields) - set(op.letters))
    if without:
        raise ValueError(f"op {op.name}: each field needs a letter in `letters`. Missing: {without}")
    integers = (value for field in op.letters if not isinstance(value := getattr(op, field), bool))
    if not all(isinstance(value, int) and 0 <= value <= 999 for value in integers):
        raise ValueError(f"op {op.name}: fields must be booleans, or integers from 0 to 999")


def _check_chains(ops: Sequence[BlockOp], stride: int) -> None:
    chains = {op.name: op.layers(_IN_WIDTH, _OUT_WIDTH, stride) for op in ops}
    for name, layers in chains.items():
        _check_layers(name, layers, stride)
    kinds = {tuple(_kind(layer) for layer in layers if _kind(layer)) for layers in chains.values()}
    places = {layers.index(gate) for layers in map(list, chains.values()) for gate in _gates(layers)}
    if len(kinds) > 1 or len(places) > 1:
        raise ValueError(
            "`ops` of one stage must have the same layers but for kernel sizes, widths and squeeze-excite. "
            f"Received: {list(chains)}"
        )


def inner_widths(op: BlockOp, stride: int) -> tuple[int, ...]:
    """Numbers of channels after each convolution of an op, at widths of the block that tell ops apart."""
    layers = op.layers(_IN_WIDTH, _OUT_WIDTH, stride)
    return tuple(widths_of([layer for layer in layers if not isinstance(layer, SqueezeExcite)], _IN_WIDTH))


def _kind(layer: BlockLayer) -> tuple[object, ...]:
    if isinstance(layer, SqueezeExcite):
        return ()
    return type(layer), layer.name, layer.stride, layer.activate


def _gates(layers: Sequence[BlockLayer]) -> list[SqueezeExcite]:
    return [layer for layer in layers if isinstance(layer, SqueezeExcite)]


def _check_layers(op: str, layers: Sequence[BlockLayer], stride: int) -> None:
    """Raises ValueError if the layers that an op declares do not make a block."""
    convolutions = [layer for layer in layers if not isinstance(layer, SqueezeExcite)]
    names, strides = [layer.name for layer in layers], 1
    for layer in convolutions:
        strides *= layer.stride
    widths = widths_of(layers, _IN_WIDTH)
    complaint = None
    if not convolutions or widths[-1] != _OUT_WIDTH:
        complaint = f"the last layer must have `out_width` channels, {_OUT_WIDTH}"
    elif strides != stride:
        complaint = f"the strides of the layers must multiply to `stride`, {stride}"
    elif len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        complaint = "names of layers must differ, of lower-case letters, digits and _, not `out` or …_bn"
    elif any(layer.kernel % 2 == 0 for layer in convolutions):
        complaint = "kernels must be odd, so that padding is symmetric"
    elif len(_gates(layers)) > 1 or isinstance(layers[0], SqueezeExcite):
        complaint = "there may be one squeeze-excite, which is not the first layer"
    elif isinstance(layers[-1], SqueezeExcite):
        complaint = "a convolution must follow squeeze-excite"
    elif any(isinstance(layer, Conv) and layer.width < 1 for layer in convolutions):
        complaint = "widths must be at least 1"
    if complaint:
        raise ValueError(f"op {op}: {complaint}. Received: {list(layers)}")
