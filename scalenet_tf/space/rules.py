"""The rules of arithmetic, one function each: everything that sizes a network calls these.

All of them are exact integer arithmetic. A multiplier is held in thousandths (1.04 is 1040), since
in floating point ceil(40 * 1.2) can give 49.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from scalenet_tf.errors import InvalidInputError

STEM_KERNEL = 3


def thousandths(multiplier: int | float | str | Decimal) -> int:
    """Converts a decimal multiplier to integer thousandths: 1.04 -> 1040.

    Raises:
      ScaleNetError: if it is not a positive decimal with at most three places.
    """
    try:
        value = Decimal(str(multiplier)) * 1000
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value != value.to_integral_value() or value <= 0:
        raise InvalidInputError(
            "a multiplier must be a positive decimal with at most three places, such as 1.04. "
            f"Received: {multiplier!r}"
        )
    return int(value)


def ceil_divide(numerator: int, denominator: int) -> int:
    """The quotient rounded up."""
    return -(-numerator // denominator)


def scaled_depth(depth: int, multiplier: int) -> int:
    """Blocks of a stage of `depth` blocks at a depth multiplier in thousandths: ceil(n * d)."""
    return ceil_divide(depth * multiplier, 1000)


def scaled_width(width: int, multiplier: int, divisor: int = 1) -> int:
    """Channels at a width multiplier in thousandths: c * w rounded up to a multiple of `divisor`."""
    return ceil_divide(width * multiplier, 1000 * divisor) * divisor


def hidden_width(in_width: int, expansion: int) -> int:
    """Channels inside a block: the expansion times the block's actual input width."""
    return in_width * expansion


def squeeze_width(hidden: int, reduction: int) -> int:
    """Channels of the squeeze in squeeze-excite: a `reduction`-th of the hidden width, at least 1."""
    return max(1, hidden // reduction)


def padding(kernel: int) -> int:
    """Zeros on *each* side of a map. TensorFlow's SAME shifts by one at stride 2 on even maps."""
    return kernel // 2


def output_size(size: int, kernel: int, stride: int) -> int:
    """Side of a convolution's output map under `padding`."""
    return (size + 2 * padding(kernel) - kernel) // stride + 1
