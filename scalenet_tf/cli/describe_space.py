"""Description of a search space: its stages, its size, and the cost of its scaling stages."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.console import RenderableType

from scalenet_tf.cli.fitted import Column, FittedTable
from scalenet_tf.cli.tables import numbers
from scalenet_tf.costs.macs import costs
from scalenet_tf.costs.memory import memory_range
from scalenet_tf.sampling.feasible import base_scaling, fits_stage, macs_range, sample_feasible_bases
from scalenet_tf.space import SearchSpace, Stage
from scalenet_tf.space.limits import scaled_widths
from scalenet_tf.utils.formatting import count, memory

# Number of bases within the budget to try a scaling on: it is feasible if it suits one of them.
SAMPLE = 2000


@dataclass(frozen=True)
class ScalingStage:
    """The menu of a scaling stage, and what it costs.

    Attributes:
      stage: Scaling stage.
      scalings: Number of scalings in the menu.
      feasible: Number of those that meet the budget with some base.
      target_macs: Multiply-adds that the budget asks for.
      macs: Fewest and most multiply-adds of a network, for one image.
      peak_memory: Least and greatest peak of activations in bytes, for one float32 image.
    """

    stage: int
    scalings: int
    feasible: int
    target_macs: int
    macs: tuple[int, int]
    peak_memory: tuple[int, int]


def number_of_bases(space: SearchSpace) -> int:
    """Counts the base architectures of a space: the product over stages of the sum of ops^depth."""

    def of_stage(stage: Stage) -> int:
        return sum(len(stage.ops) ** depth for depth in range(stage.depth[0], stage.depth[1] + 1))

    return math.prod(of_stage(stage) for stage in space.stages)


def feasible_scalings(space: SearchSpace, sample: int = SAMPLE) -> list[int]:
    """Counts the feasible scalings of each scaling stage.

    Args:
      space: The search space.
      sample: Number of bases within the budget to try; a scaling is feasible if it suits one of them.
    """
    bases = sample_feasible_bases(space, np.random.default_rng(0), sample)
    own = costs(space, bases, base_scaling(space))[:, 0]
    return [
        sum(bool(fits_stage(space, bases, own, scaling, stage).any()) for scaling in menu.scalings())
        for stage, menu in enumerate(space.menus)
    ]


def scaling_stages(space: SearchSpace) -> list[ScalingStage]:
    """Returns the scaling stages of a space with their costs.

    Raises:
      ScaleNetError: If nothing in the space meets its budget.
    """
    found = []
    for stage, (menu, feasible) in enumerate(zip(space.menus, feasible_scalings(space), strict=True)):
        ranges = [macs_range(space, scaling) for scaling in menu.scalings()]
        peaks = [memory_range(space, scaling) for scaling in menu.scalings()]
        found.append(
            ScalingStage(
                stage,
                len(ranges),
                feasible,
                round(space.budget.target(space.budget.macs, stage)),
                (min(least for least, _ in ranges), max(most for _, most in ranges)),
                (min(least for least, _ in peaks), max(most for _, most in peaks)),
            )
        )
    return found


def describe_space(space: SearchSpace) -> Iterator[RenderableType]:
    """Yields the space's stages, its size, and its scaling stages with their range of cost."""
    yield _stages(space)
    size = number_of_bases(space)
    yield f"{size:,} base architectures ({size:.3g})" if size >= 10**6 else f"{size:,} base architectures"
    budget = space.budget
    yield (
        f"budget of the base: {count(budget.macs)} MACs ± {100 * budget.base_tolerance:g} %; "
        f"of stage s: {budget.growth:g}^s times the base's own ± {100 * budget.stage_tolerance:g} %"
    )
    for bound in budget.ranges:
        where = "each stage" if bound.stage is None else f"S{bound.stage}"
        yield f"range of {where}: {bound}"
    yield ""
    yield _scaling_stages(space)
    yield (
        f"feasible: scalings that meet the budget with some of {SAMPLE:,} bases drawn within it. "
        f"MACs: for images of {space.channels} channels and {space.classes} classes. Peak memory: all "
        "activations alive at once, one float32 image."
    )


def _stages(space: SearchSpace) -> FittedTable:
    stem, *widths = map(str, scaled_widths(space, 1000))
    rows = [("stem", "1", str(space.stem_stride), stem, "3x3 convolution")]
    for index, (stage, width) in enumerate(zip(space.stages, widths, strict=True)):
        low, high = stage.depth
        depth = str(low) if low == high else f"{low} to {high}"
        ops = " ".join(op.name for op in stage.ops)
        rows.append((str(index), depth, str(stage.stride), width, ops))
    rows.append(("head", "1", "1", str(space.head_width), "1x1 convolution, pooling, classifier"))
    cells = list(zip(*rows, strict=True))
    columns = [
        Column("stage", cells[0]),
        Column("depth", cells[1]),
        Column("stride", cells[2], 1),
        Column("width", cells[3], 1),
        Column("ops", cells[4], prose=True),
    ]
    return FittedTable(columns, f"space {space.name}")


def _scaling_stages(space: SearchSpace) -> FittedTable:
    found = scaling_stages(space)
    columns = [
        Column("stage", [f"S{one.stage}" for one in found]),
        Column("depth", [_menu(menu.depth) for menu in space.menus], 2),
        Column("width", [_menu(menu.width) for menu in space.menus], 2),
        Column("pixels", [" ".join(map(str, menu.resolution)) for menu in space.menus], 1),
        numbers("scalings", [str(one.scalings) for one in found], 5),
        numbers("feasible", [str(one.feasible) for one in found], 3),
        numbers("target MACs", [count(one.target_macs) for one in found]),
        numbers("fewest MACs", [count(one.macs[0]) for one in found], 4),
        numbers("most MACs", [count(one.macs[1]) for one in found], 4),
        numbers("peak memory", [_span(*map(memory, one.peak_memory)) for one in found], 6),
    ]
    return FittedTable(columns, "scaling stages")


def _menu(thousandths: tuple[int, ...]) -> str:
    return " ".join(f"{value / 1000:g}" for value in thousandths)


def _span(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"
