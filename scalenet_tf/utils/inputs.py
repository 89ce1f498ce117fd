"""Types of what users write: numbers that are finite and bounded, texts that can be printed and stored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from scalenet_tf.errors import InvalidInputError

LARGEST_INTEGER = 2**63 - 1
# Within what float32 holds, with room for a product.
LARGEST, SMALLEST = 1e30, 1e-30
_LONGEST_TEXT = 4096


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("Input should be a number, not a boolean")
    return value


def _bounded(value: float) -> float:
    if value and not SMALLEST <= abs(value) <= LARGEST:
        raise ValueError(f"Input should be 0, or between {SMALLEST:g} and {LARGEST:g} in size")
    return value


def _printable(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"Input should have at most {_LONGEST_TEXT} characters")
    if any(character < " " or "\x7f" <= character < "\xa0" for character in text):
        raise ValueError("Input should have no control characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("Input should be UTF-8")
    return text


Stride = Annotated[Literal[1, 2], BeforeValidator(_no_boolean)]
# A field adds `ge` and `le` where an amount takes time or memory.
Integer = Annotated[int, BeforeValidator(_no_boolean), Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Real = Annotated[float, BeforeValidator(_no_boolean), Field(allow_inf_nan=False), AfterValidator(_bounded)]
Text = Annotated[str, AfterValidator(_printable)]


def check_least(argument: str, value: int, least: int) -> None:
    """Checks a number of something that is given from Python.

    Args:
      argument: Name of the argument in errors.
      value: The number.
      least: Smallest valid number.

    Raises:
      ScaleNetError: If the number is smaller.
    """
    if value < least:
        raise InvalidInputError(f"`{argument}` must be at least {least}. Received: {value}")
