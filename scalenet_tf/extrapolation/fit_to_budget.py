"""Fits predicted proportions to a budget: finds a concrete scaling near to them that meets it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scalenet_tf.costs.macs import cost
from scalenet_tf.extrapolation.kept_ranges import broken_ranges
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import STEM_KERNEL, output_size, scaled_depth, scaled_width
from scalenet_tf.space.scaling import scale

_REACH = 1.3  # Depths and sides are tried up to this factor from the prediction.
_POINTS = 256  # Pairs of depth and side that are tried, unless one before them meets the budget.
Ratios = tuple[float, float, float]  # Ratios of blocks, channels and pixels to those of the base.


@dataclass(frozen=True)
class FittedScaling:
    """The scaling of one scaling stage, beside its budget.

    Attributes:
      scaling_stage: Scaling stage s.
      scaling: Scaling of the base in that stage.
      subnet: The base at that scaling.
      macs: Multiply-adds of the subnet, for one image.
      target_macs: growth^s times the multiply-adds of the base.
    """

    scaling_stage: int
    scaling: Scaling
    subnet: Subnet
    macs: int
    target_macs: int

    @property
    def gap(self) -> float:
        """Relative distance from the target: macs / target_macs - 1."""
        return self.macs / self.target_macs - 1


def realised_ratios(subnet: Subnet, base: Subnet) -> Ratios:
    """Returns the ratios to the base of blocks, channels (geometric mean, stem included) and pixels."""
    widths = [(subnet.stem_width, base.stem_width)]
    widths += [(ours.width, its.width) for ours, its in zip(subnet.stages, base.stages, strict=True)]
    mean_log = sum(math.log(ours / its) for ours, its in widths) / len(widths)
    return subnet.num_blocks / base.num_blocks, math.exp(mean_log), subnet.resolution / base.resolution


def fit_to_budget(
    space: SearchSpace,
    base: BaseArchitecture,
    predicted: Ratios,
    scaling_stage: int,
    first: Subnet,
    last: Subnet,
    tolerance: float,
) -> FittedScaling:
    """Finds a scaling near to a prediction and to growth^s times the multiply-adds of the base.

    Args:
      space: Search space, with its budget.
      base: Base architecture.
      predicted: Predicted ratios of blocks, channels and pixels to those of the base.
      scaling_stage: Scaling stage s.
      first: Network of S0, the base itself.
      last: Network of the stage before. The result is at least as large in every dimension.
      tolerance: Allowed relative distance from the target.

    Returns:
      The scaling that keeps to the budget's ranges, is within tolerance, and is nearest to the prediction,
      in logarithms. If none is within tolerance: the one nearest to the target. If none keeps to the ranges:
      the same among those that break the fewest.
    """
    target = space.budget.target(cost(first).macs, scaling_stage)
    most = 4 * math.ceil(1000 * predicted[1] * last.stem_width / space.stem_width)
    least = 1 + _last_true(0, most, lambda width: not _is_as_wide(space, width, last))
    widths = _Widths(space, base, first, least, most, target, tolerance)
    best: tuple[tuple[int, float, float], FittedScaling] | None = None
    for distance, depth, resolution in _grid(space, base, predicted, first, last):
        # This pair is farther away than the best scaling by its blocks and pixels alone, and so is the rest.
        if best and best[0][:2] == (0, 0) and distance >= best[0][2]:
            break
        for width in widths.near(predicted[1], depth, resolution):
            scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
            subnet = scale(space, base, scaling)
            found = FittedScaling(scaling_stage, scaling, subnet, cost(subnet).macs, target)
            excess = 0.0 if abs(found.gap) <= tolerance else abs(found.gap)
            broken = len(broken_ranges(space.budget, subnet, first, scaling_stage))
            rank = (broken, excess, log_distance(realised_ratios(subnet, first), predicted))
            if best is None or rank < best[0]:
                best = rank, found
    if best is None:
        raise AssertionError("the grid holds at least the last stage's own depth and side")
    return best[1]


@dataclass(frozen=True)
class _Widths:
    """Finds width multipliers by bisection: multiply-adds rise with the width.

    Attributes:
      space: Search space.
      base: Base architecture.
      first: Network of S0, the base itself.
      least: Smallest width multiplier, in thousandths.
      most: Largest width multiplier, in thousandths.
      target: Multiply-adds to reach.
      tolerance: Allowed relative distance from the target.
    """

    space: SearchSpace
    base: BaseArchitecture
    first: Subnet
    least: int
    most: int
    target: int
    tolerance: float

    def near(self, predicted: float, depth: int, resolution: int) -> tuple[int, int]:
        """Returns the two multipliers around a prediction, moved into the budget, in thousandths.

        If none meets the budget at this depth and resolution, they are those around the target.
        """

        def subnet(width: int) -> Subnet:
            scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
            return scale(self.space, self.base, scaling)

        def ratio(width: int) -> float:
            """Returns the multiply-adds relative to the target; 0 for widths below the minimum."""
            return cost(subnet(width)).macs / self.target if width >= self.least else 0.0

        below = _last_true(self.least - 1, self.most, lambda width: ratio(width) <= 1)
        around = max(below, self.least), below + 1
        if min(abs(ratio(width) - 1) for width in around) > self.tolerance:
            return around
        low = 1 + _last_true(self.least - 1, below, lambda width: ratio(width) < 1 - self.tolerance)
        high = _last_true(below, self.most, lambda width: ratio(width) <= 1 + self.tolerance)
        wanted = _last_true(
            low, high, lambda width: realised_ratios(subnet(width), self.first)[1] <= predicted
        )
        return wanted, min(high, wanted + 1)


def _is_as_wide(space: SearchSpace, width: int, last: Subnet) -> bool:
    """Returns whether a width multiplier, in thousandths, makes no layer narrower than in `last`."""
    pairs = [(space.stem_width, last.stem_width)]
    pairs += [(own.width, its.width) for own, its in zip(space.stages, last.stages, strict=True)]
    return all(scaled_width(own, width, space.width_divisor) >= its for own, its in pairs)


def _grid(
    space: SearchSpace, base: BaseArchitecture, predicted: Ratios, first: Subnet, last: Subnet
) -> Iterator[tuple[float, int, int]]:
    """Yields (distance, depth multiplier, resolution), in ascending order of distance from the prediction."""
    points = []
    for depth, ratio in _depths(base, predicted[0], last):
        for resolution in _resolutions(space, first.resolution * predicted[2], last.resolution):
            near = (ratio, 1.0, resolution / first.resolution)
            points.append((log_distance(near, (predicted[0], 1.0, predicted[2])), depth, resolution))
    yield from sorted(points)[:_POINTS]


def _depths(base: BaseArchitecture, predicted: float, last: Subnet) -> Iterator[tuple[int, float]]:
    """Yields a multiplier, as near as possible to its block ratio, and that ratio for each set of depths."""
    depths = [len(ops) for ops in base.stages]
    before = [len(stage.ops) for stage in last.stages]
    reach = 1000 * _REACH * max(predicted, last.num_blocks / sum(depths))
    most = math.ceil(reach)
    # ceil(n * d) grows by one just beyond d = k / n.
    steps = sorted({1000 * k // n for n in set(depths) for k in range(1, n * most // 1000 + 2)})
    for low, high in zip([0, *steps], steps, strict=False):
        blocks = [scaled_depth(n, high) for n in depths]
        if low <= most and all(ours >= its for ours, its in zip(blocks, before, strict=True)):
            ratio = sum(blocks) / sum(depths)
            yield min(max(round(1000 * ratio), low + 1), high), ratio


def _resolutions(space: SearchSpace, predicted: float, last: int) -> Iterator[int]:
    """Yields sides from that of the last stage on: the largest one of those with the same feature maps."""
    low = max(last, math.ceil(predicted / _REACH))
    high = max(last, math.floor(predicted * _REACH))
    for side in range(low, high + space.stem_stride):
        if output_size(side, STEM_KERNEL, space.stem_stride) < output_size(
            side + 1, STEM_KERNEL, space.stem_stride
        ):
            yield side


def log_distance(ratios: Ratios, others: Ratios) -> float:
    """Returns the Euclidean distance of two networks' ratios, in logarithms."""
    return math.dist([math.log(ratio) for ratio in ratios], [math.log(other) for other in others])


def _last_true(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Returns the last integer in low..high at which `holds` is true, by bisection; low if it never is."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
