"""Our own count of MobileNetV1's multiply-adds: the public page deviates from it in places."""

from __future__ import annotations

from dataclasses import replace

from scalenet_tf.costs.macs import conv_cost
from scalenet_tf.space.rules import output_size
from studies.scaling_rules.table import Grid, Point

COUNTED = "MobileNetV1"
_STEM = 32
# Output channels and stride of each depthwise separable block (Howard et al., 2017, table 1).
_BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
_CLASSES = 1000


def with_counted_macs(grid: Grid) -> Grid:
    """The grid of MobileNetV1 with our counts; other grids as they are."""
    if grid.name != COUNTED:
        return grid
    return replace(grid, points=tuple(replace(point, macs=counted_macs(point)) for point in grid.points))


def counted_macs(point: Point) -> float:
    """Multiply-adds of a MobileNetV1 as `scalenet_tf.costs` counts them, in millions."""
    size, width = output_size(point.resolution, 3, 2), round(_STEM * point.size)
    macs = conv_cost(size, 3, 3, width).macs
    for channels, stride in _BLOCKS:
        size, out_width = output_size(size, 3, stride), round(channels * point.size)
        macs += conv_cost(size, 3, 1, width).macs + conv_cost(size, 1, width, out_width).macs
        width = out_width
    return (macs + width * _CLASSES) / 1e6
