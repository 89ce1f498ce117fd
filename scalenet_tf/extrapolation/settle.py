"""From predicted proportions to a concrete scaling that meets its budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scalenet_tf.costs.macs import cost
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.rules import STEM_KERNEL, output_size, scaled_depth, scaled_width
from scalenet_tf.space.scaling import scale

_REACH = 1.3  # Depths and sides are looked at up to this factor from the prediction.
_POINTS = 256  # Of those, so many pairs, where none before meets the budget.
Ratios = tuple[float, float, float]


@dataclass(frozen=True)
class Settled:
    """A stage's concrete scaling.

    Attributes:
      stage: The scaling stage.
      scaling: Multipliers and pixels.
      subnet: The base at that scaling.
      macs: Multiply-adds of the subnet.
      target_macs: growth^stage times the base's.
      gap: macs / target_macs - 1.
    """

    stage: int
    scaling: Scaling
    subnet: Subnet
    macs: int
    target_macs: int

    @property
    def gap(self) -> float:
        return self.macs / self.target_macs - 1


def realised(subnet: Subnet, base: Subnet) -> tuple[float, float, float]:
    """Ratios of blocks, of channels (geometric mean over stem and stages) and of pixels to the base's."""
    widths = [(subnet.stem_width, base.stem_width)]
    widths += [(ours.width, its.width) for ours, its in zip(subnet.stages, base.stages, strict=True)]
    mean_log = sum(math.log(ours / its) for ours, its in widths) / len(widths)
    return subnet.num_blocks / base.num_blocks, math.exp(mean_log), subnet.resolution / base.resolution


def settle(
    space: SearchSpace,
    base: BaseArchitecture,
    predicted: Ratios,
    stage: int,
    first: Subnet,
    last: Subnet,
    tolerance: float,
) -> Settled:
    """Finds a scaling near to a prediction and to growth^stage times the base's multiply-adds.

    Args:
      space: The space.
      base: The base.
      predicted: Ratios of blocks, channels and pixels to the base's.
      stage: The scaling stage.
      first: The base's own network.
      last: The network of the stage before: the result is nowhere smaller.
      tolerance: Allowed relative distance from the target.

    Returns:
      Of the scalings within tolerance the one nearest to the prediction, in logarithms; where there is
      none, the one nearest to the target.
    """
    target = space.budget.target(cost(first).macs, stage)
    most = 4 * math.ceil(1000 * predicted[1] * last.stem_width / space.stem_width)
    least = 1 + _largest(0, most, lambda width: not _reaches(space, width, last))
    widths = _Widths(space, base, first, least, most, target, tolerance)
    best: tuple[tuple[float, float], Settled] | None = None
    for distance, depth, resolution in _grid(space, base, predicted, first, last):
        # Blocks and pixels alone are farther away than the best one: so is all that follows.
        if best and best[0][0] == 0 and distance >= best[0][1]:
            break
        for width in widths.near(predicted[1], depth, resolution):
            scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
            subnet = scale(space, base, scaling)
            found = Settled(stage, scaling, subnet, cost(subnet).macs, target)
            excess = 0.0 if abs(found.gap) <= tolerance else abs(found.gap)
            rank = (excess, _distance(realised(subnet, first), predicted))
            if best is None or rank < best[0]:
                best = rank, found
    if best is None:
        raise AssertionError("the grid holds at least the last stage's own depth and side")
    return best[1]


@dataclass(frozen=True)
class _Widths:
    """Width multipliers at a given depth and resolution; multiply-adds rise with them, so it bisects."""

    space: SearchSpace
    base: BaseArchitecture
    first: Subnet
    least: int
    most: int
    target: int
    tolerance: float

    def near(self, predicted: float, depth: int, resolution: int) -> tuple[int, int]:
        """Thousandths: the two around the prediction, moved into the budget; those around the target where
        the budget cannot be met."""

        def subnet(width: int) -> Subnet:
            scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
            return scale(self.space, self.base, scaling)

        def ratio(width: int) -> float:
            """Of the multiply-adds to the target; widths that are not allowed are as good as none."""
            return cost(subnet(width)).macs / self.target if width >= self.least else 0.0

        below = _largest(self.least - 1, self.most, lambda width: ratio(width) <= 1)
        around = max(below, self.least), below + 1
        if min(abs(ratio(width) - 1) for width in around) > self.tolerance:
            return around
        low = 1 + _largest(self.least - 1, below, lambda width: ratio(width) < 1 - self.tolerance)
        high = _largest(below, self.most, lambda width: ratio(width) <= 1 + self.tolerance)
        wanted = _largest(low, high, lambda width: realised(subnet(width), self.first)[1] <= predicted)
        return wanted, min(high, wanted + 1)


def _reaches(space: SearchSpace, width: int, last: Subnet) -> bool:
    """Whether a width multiplier makes every layer at least as wide as it is in `last`."""
    pairs = [(space.stem_width, last.stem_width)]
    pairs += [(own.width, its.width) for own, its in zip(space.stages, last.stages, strict=True)]
    return all(scaled_width(own, width, space.width_divisor) >= its for own, its in pairs)


def _grid(
    space: SearchSpace, base: BaseArchitecture, predicted: Ratios, first: Subnet, last: Subnet
) -> Iterator[tuple[float, int, int]]:
    """Depth multipliers and resolutions, nearest to the prediction first, with their distance."""
    points = []
    for depth, ratio in _depths(base, predicted[0], last):
        for resolution in _resolutions(space, first.resolution * predicted[2], last.resolution):
            near = (ratio, 1.0, resolution / first.resolution)
            points.append((_distance(near, (predicted[0], 1.0, predicted[2])), depth, resolution))
    yield from sorted(points)[:_POINTS]


def _depths(base: BaseArchitecture, predicted: float, last: Subnet) -> Iterator[tuple[int, float]]:
    """One multiplier for each different set of depths, as near as can be to its mean block ratio."""
    depths = [len(ops) for ops in base.stages]
    before = [len(stage.ops) for stage in last.stages]
    reach = 1000 * _REACH * max(predicted, last.num_blocks / sum(depths))
    most = math.ceil(reach)
    # ceil(n * d) steps up just beyond k / n.
    steps = sorted({1000 * k // n for n in set(depths) for k in range(1, n * most // 1000 + 2)})
    for low, high in zip([0, *steps], steps, strict=False):
        blocks = [scaled_depth(n, high) for n in depths]
        if low <= most and all(ours >= its for ours, its in zip(blocks, before, strict=True)):
            ratio = sum(blocks) / sum(depths)
            yield min(max(round(1000 * ratio), low + 1), high), ratio


def _resolutions(space: SearchSpace, predicted: float, last: int) -> Iterator[int]:
    """Sides from the last stage's on; of sides with the same maps, and so the same cost, the largest."""
    low = max(last, math.ceil(predicted / _REACH))
    high = max(last, math.floor(predicted * _REACH))
    for side in range(low, high + space.stem_stride):
        if output_size(side, STEM_KERNEL, space.stem_stride) < output_size(
            side + 1, STEM_KERNEL, space.stem_stride
        ):
            yield side


def _distance(ratios: Ratios, others: Ratios) -> float:
    return math.dist([math.log(ratio) for ratio in ratios], [math.log(other) for other in others])


def _largest(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The largest integer in low..high for which `holds`, which holds up to some point; low if none."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
