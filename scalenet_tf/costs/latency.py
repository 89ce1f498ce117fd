"""Latency from a table: of one subnet, or of many bases at once. No TensorFlow here."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scalenet_tf.costs.bases import EncodedBases
from scalenet_tf.costs.blocks import Shape, places, shapes_of_space, shapes_of_subnet
from scalenet_tf.costs.macs import add_blocks, scaled_depths
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.latency_table import MEASURE, Calibration, LatencyTable

_SHOWN = 3


def blocks_ms(table: LatencyTable, subnet: Subnet) -> float:
    """The sum of a network's blocks, in milliseconds.

    Raises:
      ScaleNetError: naming a block that was not measured.
    """
    return sum(_look_up(table, shape) for shape in shapes_of_subnet(subnet))


def predict_ms(table: LatencyTable, subnet: Subnet) -> float:
    """The latency of one network for one image on the table's device.

    Args:
      table: A finished table.
      subnet: The network.

    Returns:
      Milliseconds.

    Raises:
      ScaleNetError: where the table is not finished, or lacks a block of this network.

    Example:
      >>> predict_ms(read_table("latency.json"), scale(space, base, Scaling.of(1, 1, 16)))
    """
    calibration = calibration_of(table)
    return calibration.offset_ms + calibration.factor * blocks_ms(table, subnet)


def latencies(space: SearchSpace, bases: EncodedBases, scaling: Scaling) -> np.ndarray:
    """The latency of many bases at one scaling, by the table of the space's budget.

    Returns:
      float64 [N]: milliseconds, `predict_ms` of each `scale(space, base, scaling)` up to rounding.

    Raises:
      ScaleNetError: where there is no table, or it does not belong to the space.
    """
    ends, first, rest = _parts(space, scaling)
    return add_blocks(bases, scaled_depths(space, scaling), ends, first, rest)[:, 0]


def table_of(space: SearchSpace) -> LatencyTable:
    """The latency table of a space's budget.

    Raises:
      ScaleNetError: where there is none.
    """
    if space.budget.latency is None:
        raise ScaleNetError(
            f"a range of latency_ms needs a latency table, which space {space.name!r} has none of. Measure "
            f"one with: {MEASURE}; then name it: --set ladder.latency_table=latency.json"
        )
    return space.budget.latency


def calibration_of(table: LatencyTable) -> Calibration:
    """The calibration of a finished table.

    Raises:
      ScaleNetError: where the measuring has not come to its end.
    """
    if table.calibration is None:
        raise ScaleNetError(
            "the latency table is not finished: its networks are not measured yet. Give the same "
            f"command again, which goes on from there: {MEASURE}"
        )
    return table.calibration


def check_table(table: LatencyTable, space: SearchSpace) -> None:
    """Raises ScaleNetError where a table is not finished, or lacks what some subnet of the space needs."""
    calibration_of(table)
    check_kind(table, space)
    missing = [shape.name for shape in shapes_of_space(space) if shape.name not in table.blocks]
    if missing:
        raise ScaleNetError(
            f"the latency table lacks {len(missing):,} blocks that space {space.name!r} can place in its "
            f"{len(space.menus)} scaling stages, for images of {space.channels} channels and {space.classes} "
            f"classes: {'; '.join(missing[:_SHOWN])}{'; …' if len(missing) > _SHOWN else ''}. {_advice()}"
        )


def check_kind(table: LatencyTable, space: SearchSpace) -> None:
    """Raises ScaleNetError where a table's blocks are of another kind than the space's."""
    for name in ("activation", "squeeze_reduction"):
        held, wanted = getattr(table, name), getattr(space, name)
        if held != wanted:
            raise ScaleNetError(
                f"the latency table must have the `{name}` of space {space.name!r}, {wanted!r}. "
                f"Received: {held!r}. {_advice()}"
            )


@lru_cache(maxsize=4096)
def _parts(
    space: SearchSpace, scaling: Scaling
) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Calibrated milliseconds of the ends, and of each block that can be placed at one scaling."""
    table = table_of(space)
    check_kind(table, space)
    calibration, placed = calibration_of(table), places(space, scaling)

    def of(shape: Shape) -> float:
        return calibration.factor * _look_up(table, shape)

    def rows(stages: tuple[tuple[Shape, ...], ...]) -> tuple[np.ndarray, ...]:
        return tuple(np.array([[of(shape)] for shape in stage]) for stage in stages)

    ends = np.array([calibration.offset_ms + of(placed.stem) + of(placed.head)])
    return ends, rows(placed.first), rows(placed.rest)


def _look_up(table: LatencyTable, shape: Shape) -> float:
    try:
        return table.blocks[shape.name]
    except KeyError:
        raise ScaleNetError(f"the latency table has no block {shape.name!r}. {_advice()}") from None


def _advice() -> str:
    return f"Measure the space's own with: {MEASURE}, for the data's channels and classes"
