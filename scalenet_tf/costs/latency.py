"""Latency predicted from a table: of one subnet, or of many bases at once. No TensorFlow here."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.blocks import shapes_of_space, shapes_of_subnet
from scalenet_tf.costs.macs import add_blocks
from scalenet_tf.errors import InvalidInputError, NotReadyError
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.blocks import Block, placements
from scalenet_tf.space.latency_table import MEASURE, Calibration, LatencyTable

_SHOWN = 3


def blocks_ms(table: LatencyTable, subnet: Subnet) -> float:
    """The uncalibrated sum of a network's blocks, in milliseconds.

    Raises:
      ScaleNetError: If a block was not measured.
    """
    return sum(_look_up(table, shape) for shape in shapes_of_subnet(subnet))


def predict_ms(table: LatencyTable, subnet: Subnet) -> float:
    """Predicts the latency of one network on the table's device.

    Args:
      table: A finished table.
      subnet: The network.

    Returns:
      Milliseconds for one image.

    Raises:
      ScaleNetError: If the table is not finished, or lacks a block of this network.

    Example:
      >>> predict_ms(read_table("latency.json"), scale(space, base, Scaling.of(1, 1, 16)))
    """
    calibration = calibration_of(table)
    return calibration.offset_ms + calibration.factor * blocks_ms(table, subnet)


def latencies(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> np.ndarray:
    """Predicts the latency of many bases at one scaling, from the table of the space's budget.

    Args:
      space: The space that the bases belong to.
      bases: N bases.
      scaling: One scaling.

    Returns:
      float64 [N]: milliseconds, equal to `predict_ms` of each `scale(space, base, scaling)` up to rounding.

    Raises:
      ScaleNetError: If there is no table, or it does not belong to the space.
    """
    ends, first, rest = _calibrated(space, scaling)
    return add_blocks(space, bases, scaling, ends, first, rest)[:, 0]


def table_of(space: SearchSpace) -> LatencyTable:
    """The latency table of a space's budget.

    Raises:
      ScaleNetError: If there is no latency table.
    """
    if space.budget.latency is None:
        raise NotReadyError(
            f"a range of latency_ms needs a latency table, which space {space.name!r} has none of. Measure "
            f"one with: {MEASURE}; then name it: --set ladder.latency_table=latency.json"
        )
    return space.budget.latency


def calibration_of(table: LatencyTable) -> Calibration:
    """The calibration of a finished table.

    Raises:
      ScaleNetError: If it has not been measured to its end.
    """
    if table.calibration is None:
        raise NotReadyError(
            "the latency table is not finished: its networks are not measured yet. Give the same "
            f"command again, which continues from there: {MEASURE}"
        )
    return table.calibration


def check_table(table: LatencyTable, space: SearchSpace) -> None:
    """Raises ScaleNetError if a table is not finished, or lacks a block of some subnet of the space."""
    calibration_of(table)
    check_kind(table, space)
    missing = [shape for shape in shapes_of_space(space) if shape not in table.blocks]
    if missing:
        raise InvalidInputError(
            f"the latency table lacks {len(missing):,} blocks that space {space.name!r} can place in its "
            f"{len(space.menus)} scaling stages, for images of {space.channels} channels and {space.classes} "
            f"classes: {'; '.join(missing[:_SHOWN])}{'; …' if len(missing) > _SHOWN else ''}. {_advice()}"
        )


def check_kind(table: LatencyTable, space: SearchSpace) -> None:
    """Raises ScaleNetError if a table was measured for blocks of another kind than the space's."""
    for name in ("activation", "squeeze_reduction"):
        held, wanted = getattr(table, name), getattr(space, name)
        if held != wanted:
            raise InvalidInputError(
                f"the latency table must have the `{name}` of space {space.name!r}, {wanted!r}. "
                f"Received: {held!r}. {_advice()}"
            )


@lru_cache(maxsize=4096)
def _calibrated(
    space: SearchSpace, scaling: Scaling
) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Calibrated milliseconds of stem and head, and of each block that can be placed at one scaling."""
    table = table_of(space)
    check_kind(table, space)
    calibration, placed = calibration_of(table), placements(space, scaling)

    def of(shape: str) -> float:
        return calibration.factor * _look_up(table, shape)

    def rows(blocks: tuple[Block, ...]) -> np.ndarray:
        return np.array([[of(block.shape)] for block in blocks])

    ends = np.array([calibration.offset_ms + of(placed.stem.shape) + of(placed.head.shape)])
    # A stage that never has later blocks at this scaling needs none in the table.
    rest = [
        rows(blocks) if has_rest else np.zeros((len(blocks), 1))
        for blocks, has_rest in zip(placed.rest, placed.has_rest, strict=True)
    ]
    return ends, tuple(map(rows, placed.first)), tuple(rest)


def _look_up(table: LatencyTable, shape: str) -> float:
    try:
        return table.blocks[shape]
    except KeyError:
        raise InvalidInputError(f"the latency table has no block {shape!r}. {_advice()}") from None


def _advice() -> str:
    return f"Measure the space's own with: {MEASURE}, for the data's channels and classes"
