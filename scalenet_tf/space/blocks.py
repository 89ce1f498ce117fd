"""The blocks of a network with all their sizes, used to count, build and copy networks."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from scalenet_tf.space.architectures import Subnet
from scalenet_tf.space.block_layers import PlacedLayer, SqueezeExcite, place_layers
from scalenet_tf.space.block_op import BlockOp
from scalenet_tf.space.rules import (
    STEM_KERNEL,
    output_size,
    scaled_depth,
    scaled_width,
    squeeze_width,
)
from scalenet_tf.space.search_space import Scaling, SearchSpace


@dataclass(frozen=True)
class Stem:
    """The first convolution, with the scaling of pixel values before it.

    Attributes:
      size: Side of the image in pixels.
      out_size: Side of the output map in pixels.
      channels: Number of image channels.
      width: Number of output channels.
      stride: Stride of the convolution, 1 or 2.
    """

    size: int
    out_size: int
    channels: int
    width: int
    stride: int

    @property
    def shape(self) -> str:
        """Text such as "stem 22px 1>12 /2"; stems with equal texts take equally long."""
        return f"stem {self.size}px {self.channels}>{self.width} /{self.stride}"


@dataclass(frozen=True)
class Block:
    """A block.

    Attributes:
      stage: Index of the block's stage, from 0.
      index: Position in the stage, from 0.
      op: The kind of block and the choices for it.
      size: Side of the input map in pixels.
      out_size: Side of the output map in pixels.
      in_width: Number of input channels.
      hidden: Largest number of channels between the layers.
      squeeze: Number of squeeze channels; unused without squeeze-excite.
      out_width: Number of output channels.
      stride: Stride, 1 or 2; always 1 after the first block of a stage.
      layers: The layers with their sizes, which follow from all of the above.
    """

    stage: int
    index: int
    op: BlockOp
    size: int
    out_size: int
    in_width: int
    hidden: int
    squeeze: int
    out_width: int
    stride: int
    layers: tuple[PlacedLayer, ...] = field(default=(), compare=False, repr=False)

    @property
    def residual(self) -> bool:
        """Whether the input is added to the output."""
        return self.index > 0

    @property
    def name(self) -> str:
        """Prefix of the block's layer names, such as "stage0_block1"."""
        return f"stage{self.stage}_block{self.index}"

    @property
    def output(self) -> str:
        """Name of the block's last layer in the plain Keras model."""
        if self.op.activates_sum:
            return f"{self.name}_out_act"
        last = self.layers[-1].layer
        activates = not isinstance(last, SqueezeExcite) and last.activate
        return (
            f"{self.name}_add" if self.residual else f"{self.name}_{last.name}_{'act' if activates else 'bn'}"
        )

    @property
    def shape(self) -> str:
        """Text such as "k5e4s 6px 36>144>36 /1 +"; blocks with equal texts take equally long."""
        widths = f"{self.in_width}>{self.hidden}>{self.out_width}"
        return f"{self.op.name} {self.size}px {widths} /{self.stride}{' +' if self.residual else ''}"


@dataclass(frozen=True)
class Head:
    """The last convolution, the pooling and the classifier.

    Attributes:
      size: Side of the last map in pixels.
      in_width: Number of channels of the last stage.
      width: Number of channels that are pooled.
      classes: Number of classes.
    """

    size: int
    in_width: int
    width: int
    classes: int

    @property
    def shape(self) -> str:
        """Text such as "head 6px 36>96>10"; heads with equal texts take equally long."""
        return f"head {self.size}px {self.in_width}>{self.width}>{self.classes}"


Part = Stem | Block | Head


@dataclass(frozen=True)
class Layout:
    """The parts of a network, in order from input to output."""

    stem: Stem
    blocks: tuple[Block, ...]
    head: Head

    @property
    def parts(self) -> tuple[Part, ...]:
        """Stem, blocks and head."""
        return self.stem, *self.blocks, self.head


def blocks(subnet: Subnet) -> tuple[Block, ...]:
    """Returns the blocks of a network, in order from input to output.

    Args:
      subnet: The network.

    Example:
      >>> [block.name for block in blocks(subnet)]
      ['stage0_block0', 'stage1_block0', 'stage1_block1']
    """
    return layout(subnet).blocks


def layout(subnet: Subnet) -> Layout:
    """Returns the parts of a network with all their sizes."""
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
    """All blocks that the networks of a space can contain at one scaling.

    Attributes:
      stem: Stem of every network.
      first: For each stage, its first block with each op of the menu.
      rest: For each stage, its later blocks with each op of the menu.
      has_rest: For each stage, whether its deepest base has later blocks.
      head: Head of every network.
    """

    stem: Stem
    first: tuple[tuple[Block, ...], ...]
    rest: tuple[tuple[Block, ...], ...]
    has_rest: tuple[bool, ...]
    head: Head


def placements(space: SearchSpace, scaling: Scaling) -> Placements:
    """Returns all blocks that the networks of a space can contain at one scaling.

    The depth multiplier only affects `has_rest`.

    Args:
      space: Search space.
      scaling: Depth and width multipliers, and resolution.
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
    stage: int, index: int, op: BlockOp, size: int, in_width: int, out_width: int, stride: int, reduction: int
) -> Block:
    layers = place_layers(op.layers(in_width, out_width, stride), size, in_width, reduction)
    hidden = max((placed.width for placed in layers[:-1]), default=in_width)
    gates = [placed.squeeze for placed in layers if isinstance(placed.layer, SqueezeExcite)]
    return Block(
        stage=stage,
        index=index,
        op=op,
        size=size,
        out_size=layers[-1].out_size,
        in_width=in_width,
        hidden=hidden,
        squeeze=gates[0] if gates else squeeze_width(hidden, reduction),
        out_width=out_width,
        stride=stride,
        layers=layers,
    )
