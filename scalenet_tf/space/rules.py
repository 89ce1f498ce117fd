"""The arithmetic that determines the sizes of a network, one function per rule.

All of it is exact integer arithmetic. Multipliers are integers in thousandths (1.04 is 1040), because in
floating point ceil(40 * 1.2) can give 49.
"""

from __future__ import annotations

from decimal import Decimal

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import received

STEM_KERNEL = 3
_LARGEST = Decimal(1_000_000)  # thousandths


def thousandths(multiplier: int | float | str | Decimal) -> int:
    """Converts a decimal multiplier to integer thousandths: 1.04 -> 1040.

    Args:
      multiplier: Positive decimal number with at most three decimal places.

    Raises:
      ScaleNetError: If it is not a positive decimal with at most three places.
    """
    try:
        value = Decimal(str(multiplier)[:50]) * 1000
    except ArithmeticError:
        value = Decimal(0)
    if value.is_nan() or not 0 < value <= _LARGEST or value != value.to_integral_value():
        raise InvalidInputError(
            "a multiplier must be a positive decimal with at most three places, such as 1.04, and at most "
            f"{_LARGEST / 1000:.0f}. Received: {received(multiplier)}"
        )
    return int(value)


def ceil_divide(numerator: int, denominator: int) -> int:
    """Returns the quotient, rounded up."""
    return -(-numerator // denominator)


def scaled_depth(depth: int, multiplier: int) -> int:
    """Returns the number of blocks of a scaled stage: ceil(n * d), with the multiplier in thousandths."""
    return ceil_divide(depth * multiplier, 1000)


def scaled_width(width: int, multiplier: int, divisor: int = 1) -> int:
    """Returns the scaled channels: c * w, with w in thousandths, rounded up to a multiple of `divisor`."""
    return ceil_divide(width * multiplier, 1000 * divisor) * divisor


def hidden_width(in_width: int, expansion: int) -> int:
    """Returns the channels inside a block: the expansion times the block's actual input width."""
    return in_width * expansion


def squeeze_width(hidden: int, reduction: int) -> int:
    """Returns the squeeze channels of squeeze-excite: hidden // reduction, at least 1."""
    return max(1, hidden // reduction)


def padding(kernel: int) -> int:
    """Returns the zeros on *each* side of a map. TensorFlow's SAME shifts by one at stride 2 on even maps."""
    return kernel // 2


def output_size(size: int, kernel: int, stride: int) -> int:
    """Returns the side of a convolution's output map, with `padding`."""
    return (size + 2 * padding(kernel) - kernel) // stride + 1
