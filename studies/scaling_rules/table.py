"""Public tables of trained networks, each a grid of network sizes and image sizes trained by one recipe.

`data/mobilenet.csv` holds the float networks of two pages of tensorflow/models (Apache-2.0), commits 02c04f4
and 0ba83cf: research/slim/nets/mobilenet_v1.md, and the part on MobileNetV2 of
research/slim/nets/mobilenet/README.md. Each was trained at its resolution; `network` is the width multiplier.

`data/timm.csv` holds networks of huggingface/pytorch-image-models (Apache-2.0): top-1 accuracies of
results/results-imagenet.csv at commit 0173a13, and multiply-adds of
results/benchmark-infer-amp-nchw-pt240-cu124-rtx3090.csv at commit 7479d45. They are the tags sail_in1k and
sail_in22k_ft_in1k of ConvFormer and CAFormer, in1k of maxvit_*_tf, fb_dist_in1k of XCiT with 8 and 16 pixels
per patch, and sail_in1k of VOLO: the families with four or more networks at two or more image sizes, each
trained at the size at which it is tested, in which some budgets have two networks. Those at more than 224
pixels continue the training of those at 224.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from scalenet_tf.extrapolation.fit_to_budget import Ratios

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Point:
    """A trained network.

    Attributes:
      network: Name of the network's size in the grid.
      size: The size: a width multiplier, or multiply-adds at the grid's smallest resolution.
      resolution: Side of the images in pixels.
      macs: Multiply-adds for one image, in millions.
      top1: Top-1 accuracy on ImageNet's validation images, in percent.
    """

    network: str
    size: float
    resolution: int
    macs: float
    top1: float


@dataclass(frozen=True)
class Grid:
    """The networks of one recipe.

    Attributes:
      name: Name of the grid.
      axis: Unit of the network sizes: "width" multipliers, or "macs" at the smallest resolution, for networks
        that grow in depth and width at once.
      points: The networks, in the table's order.
    """

    name: str
    axis: Literal["width", "macs"]
    points: tuple[Point, ...]

    def ratios(self, point: Point, base: Point) -> Ratios:
        """The ratios of a network to a base as extrapolation takes them: depth, width and resolution.

        Multiply-adds stand in the place of depth, in which a network's multiply-adds are linear.
        """
        size, resolution = point.size / base.size, point.resolution / base.resolution
        return (1.0, size, resolution) if self.axis == "width" else (size, 1.0, resolution)

    @cached_property
    def surplus(self) -> dict[Point, float]:
        """Points of accuracy above what a network of so many multiply-adds has on average in this grid.

        The average is a quadratic in the logarithm of the multiply-adds, fitted to all networks of the grid.
        """
        logs = np.log2([point.macs for point in self.points])
        top1 = np.array([point.top1 for point in self.points])
        above = top1 - np.polyval(np.polyfit(logs, top1, 2), logs)
        return dict(zip(self.points, above.tolist(), strict=True))


def read_grids() -> tuple[Grid, ...]:
    """The grids of both tables."""
    return (*_grids("mobilenet.csv", "width"), *_grids("timm.csv", "macs"))


def _grids(file: str, axis: Literal["width", "macs"]) -> list[Grid]:
    with (DATA / file).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = dict.fromkeys(row["grid"] for row in rows)
    return [_grid(name, axis, [row for row in rows if row["grid"] == name]) for name in names]


def _grid(name: str, axis: Literal["width", "macs"], rows: list[dict[str, str]]) -> Grid:
    smallest = min(rows, key=lambda row: int(row["resolution"]))["resolution"]
    macs = {row["network"]: float(row["macs_m"]) for row in rows if row["resolution"] == smallest}
    points = [
        Point(
            network=row["network"],
            size=float(row["network"]) if axis == "width" else macs[row["network"]],
            resolution=int(row["resolution"]),
            macs=float(row["macs_m"]),
            top1=float(row["top1"]),
        )
        for row in rows
    ]
    return Grid(name, axis, tuple(points))
