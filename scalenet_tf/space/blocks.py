"""The blocks of a network with all their sizes: the one walk that counting, building and copying go by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from scalenet_tf.space.op import Op
from scalenet_tf.space.rules import (
    STEM_KERNEL,
    hidden_width,
    output_size,
    scaled_depth,
    scaled_width,
    squeeze_width,
)
from scalenet_tf.space.search_space import Scaling, SearchSpace, Subnet


@dataclass(frozen=True)
class Stem:
    """The scaling of the image and the first convolution.

    Attributes:
      size: Side of the image in pixels.
      out_size: Side of the output map.
      channels: Channels of the image.
      width: Output channels.
      stride: 1 or 2.
    """

    size: int
    out_size: int
    channels: int
    width: int
    stride: int

    @property
    def shape(self) -> str:
        """A text such as "stem 22px 1>12 /2" that is equal for stems that take the same time."""
        return f"stem {self.size}px {self.channels}>{self.width} /{self.stride}"


@dataclass(frozen=True)
class Block:
    """An MBConv block.

    Attributes:
      stage: The stage that holds it, from 0.
      index: Its position in the stage, from 0.
      op: Kernel size, expansion, and whether it has squeeze-excite.
      size: Side of the input map.
      out_size: Side of the output map.
      in_width: Input channels.
      hidden: Channels between expansion and projection.
      squeeze: Channels of the squeeze; unused without squeeze-excite.
      out_width: Output channels.
      stride: 1 or 2; 1 for all but the first block of a stage.
    """

    stage: int
    index: int
    op: Op
    size: int
    out_size: int
    in_width: int
    hidden: int
    squeeze: int
    out_width: int
    stride: int

    @property
    def residual(self) -> bool:
        """Whether the input is added to the output."""
        return self.index > 0

    @property
    def name(self) -> str:
        """The prefix of the names of its layers, such as "stage0_block1"."""
        return f"stage{self.stage}_block{self.index}"

    @property
    def shape(self) -> str:
        """A text such as "k5e4s 6px 36>144>36 /1 +" that is equal for blocks that take the same time."""
        widths = f"{self.in_width}>{self.hidden}>{self.out_width}"
        return f"{self.op.name} {self.size}px {widths} /{self.stride}{' +' if self.residual else ''}"


@dataclass(frozen=True)
class Head:
    """The last convolution, the pooling and the classifier.

    Attributes:
      size: Side of the last map.
      in_width: Channels of the last stage.
      width: Channels that are pooled.
      classes: Outputs of the classifier.
    """

    size: int
    in_width: int
    width: int
    classes: int

    @property
    def shape(self) -> str:
        """A text such as "head 6px 36>96>10" that is equal for heads that take the same time."""
        return f"head {self.size}px {self.in_width}>{self.width}>{self.classes}"


Part = Stem | Block | Head


@dataclass(frozen=True)
class Layout:
    """The parts of a network, from the input on."""

    stem: Stem
    blocks: tuple[Block, ...]
    head: Head

    @property
    def parts(self) -> tuple[Part, ...]:
        """Stem, blocks and head."""
        return self.stem, *self.blocks, self.head


def blocks(subnet: Subnet) -> tuple[Block, ...]:
    """The blocks of a network, from the input on.

    Example:
      >>> [block.name for block in blocks(subnet)]
      ['stage0_block0', 'stage1_block0', 'stage1_block1']
    """
    return layout(subnet).blocks


def layout(subnet: Subnet) -> Layout:
    """The parts of a network with all their sizes."""
    stem = _stem(subnet.resolution, subnet.channels, subnet.stem_width, subnet.stem_stride)
    size, width = stem.out_size, stem.width
    found = []
    for s, stage in enumerate(subnet.stages):
        for b, op in enumerate(stage.ops):
            stride = stage.stride if b == 0 else 1
            found.append(_block(s, b, op, size, width, stage.width, stride, subnet.squeeze_reduction))
            size, width = found[-1].out_size, stage.width
    return Layout(stem, tuple(found), Head(size, width, subnet.head_width, subnet.classes))


@dataclass(frozen=True)
class Placements:
    """The blocks that a space can place at one scaling.

    Attributes:
      stem: The stem of every network.
      first: For each stage, one block for each op of its menu, as the stage's first block.
      rest: The same, as a later block of the stage.
      has_rest: For each stage, whether its deepest base has such later blocks.
      head: The head of every network.
    """

    stem: Stem
    first: tuple[tuple[Block, ...], ...]
    rest: tuple[tuple[Block, ...], ...]
    has_rest: tuple[bool, ...]
    head: Head


def placements(space: SearchSpace, scaling: Scaling) -> Placements:
    """The blocks that bases of a space have at one scaling.

    The depth multiplier changes no block: it decides `has_rest` alone.
    """

    def width_of(width: int) -> int:
        return scaled_width(width, scaling.width_thousandths, space.width_divisor)

    stem = _stem(scaling.resolution, space.channels, width_of(space.stem_width), space.stem_stride)
    size, width, reduction = stem.out_size, stem.width, space.squeeze_reduction
    first, rest = [], []
    for s, stage in enumerate(space.stages):
        out = width_of(stage.width)
        first.append(tuple(_block(s, 0, op, size, width, out, stage.stride, reduction) for op in stage.ops))
        # `padding` is symmetric, so the output has the same size for every odd kernel.
        size, width = first[-1][0].out_size, out
        rest.append(tuple(_block(s, 1, op, size, out, out, 1, reduction) for op in stage.ops))
    depths = [scaled_depth(stage.depth[1], scaling.depth_thousandths) for stage in space.stages]
    head = Head(size, width, space.head_width, space.classes)
    return Placements(stem, tuple(first), tuple(rest), tuple(depth > 1 for depth in depths), head)


def _stem(resolution: int, channels: int, width: int, stride: int) -> Stem:
    return Stem(resolution, output_size(resolution, STEM_KERNEL, stride), channels, width, stride)


# The networks of a search share most of their blocks.
@lru_cache(maxsize=2**16)
def _block(
    stage: int, index: int, op: Op, size: int, in_width: int, out_width: int, stride: int, reduction: int
) -> Block:
    hidden = hidden_width(in_width, op.expansion)
    return Block(
        stage=stage,
        index=index,
        op=op,
        size=size,
        out_size=output_size(size, op.kernel, stride),
        in_width=in_width,
        hidden=hidden,
        squeeze=squeeze_width(hidden, reduction),
        out_width=out_width,
        stride=stride,
    )
