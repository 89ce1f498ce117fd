"""The shapes of blocks: all that decides how long a block takes, and which of them a space can place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from scalenet_tf.costs.macs import STEM_KERNEL
from scalenet_tf.space import Scaling, SearchSpace, Subnet
from scalenet_tf.space.op import Op
from scalenet_tf.space.rules import hidden_width, output_size, scaled_depth, scaled_width


class Stem(NamedTuple):
    """Normalisation and the first convolution; `size` is the side of the image."""

    size: int
    channels: int
    width: int
    stride: int

    @property
    def name(self) -> str:
        return f"stem {self.size}px {self.channels}>{self.width} /{self.stride}"


class MBConv(NamedTuple):
    """A block; `size` is the side of its input map, `residual` whether it adds its input."""

    size: int
    in_width: int
    out_width: int
    op: Op
    stride: int
    residual: bool

    @property
    def name(self) -> str:
        hidden = hidden_width(self.in_width, self.op.expansion)
        widths = f"{self.in_width}>{hidden}>{self.out_width}"
        return f"{self.op.name} {self.size}px {widths} /{self.stride}{' +' if self.residual else ''}"


class Head(NamedTuple):
    """The last convolution, the pooling and the classifier; `size` is the side of the last map."""

    size: int
    width: int
    head_width: int
    classes: int

    @property
    def name(self) -> str:
        return f"head {self.size}px {self.width}>{self.head_width}>{self.classes}"


Shape = Stem | MBConv | Head


@dataclass(frozen=True)
class Places:
    """What a space can place at one scaling: per stage one shape for each op of its menu."""

    stem: Stem
    first: tuple[tuple[MBConv, ...], ...]
    rest: tuple[tuple[MBConv, ...], ...]
    head: Head


def places(space: SearchSpace, scaling: Scaling) -> Places:
    """The shapes at one scaling: its depth multiplier plays no part."""

    def width_of(width: int) -> int:
        return scaled_width(width, scaling.width_thousandths, space.width_divisor)

    width = width_of(space.stem_width)
    stem = Stem(scaling.resolution, space.channels, width, space.stem_stride)
    size = output_size(scaling.resolution, STEM_KERNEL, space.stem_stride)
    first, rest = [], []
    for stage in space.stages:
        out = width_of(stage.width)
        first.append(tuple(MBConv(size, width, out, op, stage.stride, False) for op in stage.ops))
        # k // 2 on both sides makes the output size the same for every odd kernel.
        size, width = output_size(size, stage.ops[0].kernel, stage.stride), out
        rest.append(tuple(MBConv(size, out, out, op, 1, True) for op in stage.ops))
    return Places(stem, tuple(first), tuple(rest), Head(size, width, space.head_width, space.classes))


def shapes_of_space(space: SearchSpace, stages: Iterable[int] | None = None) -> list[Shape]:
    """Every shape that subnets of a space's scaling stages are made of, each once.

    Args:
      space: With the channels and classes of the data.
      stages: Scaling stages; all of them where None.

    Example:
      >>> len(shapes_of_space(load_space("small")))
    """
    found: dict[Shape, None] = {}
    for menu in space.menus if stages is None else [space.menus[stage] for stage in stages]:
        for scaling in menu.scalings():
            placed = places(space, scaling)
            found[placed.stem] = found[placed.head] = None
            for stage, first, rest in zip(space.stages, placed.first, placed.rest, strict=True):
                found.update(dict.fromkeys(first))
                if scaled_depth(stage.depth[1], scaling.depth_thousandths) > 1:
                    found.update(dict.fromkeys(rest))
    return list(found)


def shapes_of_subnet(subnet: Subnet) -> Iterator[Shape]:
    """The shapes of one network, from the input on."""
    yield Stem(subnet.resolution, subnet.channels, subnet.stem_width, subnet.stem_stride)
    size = output_size(subnet.resolution, STEM_KERNEL, subnet.stem_stride)
    width = subnet.stem_width
    for stage in subnet.stages:
        for index, op in enumerate(stage.ops):
            stride = stage.stride if index == 0 else 1
            yield MBConv(size, width, stage.width, op, stride, index > 0)
            size, width = output_size(size, op.kernel, stride), stage.width
    yield Head(size, width, subnet.head_width, subnet.classes)
