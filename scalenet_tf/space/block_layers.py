"""The layers that a block declares, and the same layers with their sizes in a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from scalenet_tf.space.rules import output_size, squeeze_width


@dataclass(frozen=True)
class Conv:
    """A convolution without bias, its batch norm, and the space's activation.

    Attributes:
      name: Name of the layer in its block, such as "expand".
      width: Number of output channels, computed from the block's widths with `+`, `-`, `*` and `//` alone.
      kernel: Side of the kernel, odd.
      stride: 1 or 2.
      activate: Whether the activation follows.
    """

    name: str
    width: Any
    kernel: int = 1
    stride: int = 1
    activate: bool = True


@dataclass(frozen=True)
class Depthwise:
    """A depthwise convolution without bias, its batch norm, and the space's activation.

    Attributes:
      name: Name of the layer in its block.
      kernel: Side of the kernel, odd.
      stride: 1 or 2.
      activate: Whether the activation follows.
    """

    name: str
    kernel: int
    stride: int = 1
    activate: bool = True


@dataclass(frozen=True)
class SqueezeExcite:
    """Squeeze-excite with the space's reduction; at most one in a block, with a convolution behind it."""

    name: str = "squeeze_excite"


BlockLayer: TypeAlias = Conv | Depthwise | SqueezeExcite


@dataclass(frozen=True)
class PlacedLayer:
    """A layer of a block with its sizes in a network.

    Attributes:
      layer: The declared layer.
      size: Side of the input map in pixels.
      out_size: Side of the output map in pixels.
      in_width: Number of input channels.
      width: Number of output channels.
      squeeze: Number of squeeze channels, for squeeze-excite.
    """

    layer: BlockLayer
    size: int
    out_size: int
    in_width: int
    width: int
    squeeze: int

    @property
    def weights(self) -> int:
        """Number of weights of the kernel, or of both kernels of squeeze-excite."""
        if isinstance(self.layer, SqueezeExcite):
            return 2 * self.width * self.squeeze
        summed = 1 if isinstance(self.layer, Depthwise) else self.in_width
        return self.layer.kernel**2 * summed * self.width


def widths_of(layers: Sequence[BlockLayer], in_width: Any) -> list[Any]:
    """Returns the number of output channels of each layer, integers or whatever `in_width` is."""
    found, width = [], in_width
    for layer in layers:
        width = layer.width if isinstance(layer, Conv) else width
        found.append(width)
    return found


def place_layers(
    layers: Sequence[BlockLayer], size: int, in_width: int, reduction: int
) -> tuple[PlacedLayer, ...]:
    """Returns a block's layers with their sizes.

    Args:
      layers: The layers, from input to output.
      size: Side of the block's input map in pixels.
      in_width: Number of input channels of the block.
      reduction: Channels per squeeze channel.
    """
    found = []
    for layer, width in zip(layers, widths_of(layers, in_width), strict=True):
        gate = isinstance(layer, SqueezeExcite)
        out_size = size if isinstance(layer, SqueezeExcite) else output_size(size, layer.kernel, layer.stride)
        squeeze = squeeze_width(width, reduction) if gate else 0
        found.append(PlacedLayer(layer, size, out_size, in_width, width, squeeze))
        size, in_width = out_size, width
    return tuple(found)
