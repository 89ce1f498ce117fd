"""Work that several processes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from scalenet_tf.errors import ScaleNetError

T = TypeVar("T")


def part_of(items: Sequence[T], share: str) -> list[T]:
    """The part of `items` that one process does.

    Args:
      items: All of the work.
      share: "K/N": the K-th of N equal parts.

    Raises:
      ScaleNetError: If `share` has another form.
    """
    part, parts = parse_share(share)
    return list(items[part - 1 :: parts])


def parse_share(share: str) -> tuple[int, int]:
    """K and N of "K/N".

    Raises:
      ScaleNetError: If `share` has another form, or K is not 1 to N.
    """
    part, _, parts = share.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise ScaleNetError(f"`share` must be K/N with K from 1 to N, such as 1/2. Received: {share!r}")
    return int(part), int(parts)
