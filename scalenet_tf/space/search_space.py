"""Search spaces, as frozen values that convert to and from JSON."""

from __future__ import annotations

import itertools
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.any_op import AnyOp
from scalenet_tf.space.architectures import Activation, BaseArchitecture
from scalenet_tf.space.budget import Budget
from scalenet_tf.space.limits import MOST_WIDTH, check_largest, check_smallest
from scalenet_tf.space.rules import thousandths
from scalenet_tf.space.stage_ops import check_menu, read_menu
from scalenet_tf.utils.inputs import Integer, Stride, Text
from scalenet_tf.utils.value import Value

_MOST_DEPTH, _MOST_OPS, _MOST_STAGES = 64, 128, 32
_MOST_RESOLUTION, _MOST_SCALINGS = 8192, 4096


class Stage(Value):
    """A sequence of blocks with one output width, of which only the first may have a stride.

    Attributes:
      depth: Fewest and most blocks in a base architecture, both inclusive.
      stride: Stride of the first block, 1 or 2.
      width: Number of output channels at width multiplier 1.
      ops: Ops that each block can have, all of one kind of block. They can also be given as a product:
        `{kernel: [3, 5], expansion: [6], squeeze_excite: [true]}`. With `block` beside it, such as
        `block: fused_mbconv` or `block: module:Class`, they are ops of that block instead of MBConv.

    Raises:
      ScaleNetError: If a value is out of range, or `ops` has duplicates, or ops that cannot be
        choices of the same block.

    Example:
      >>> Stage(depth=(1, 3), stride=2, width=24, ops=("k3e6s", "k5e6s"))
    """

    depth: tuple[Integer, Integer]
    stride: Stride
    width: Integer = Field(ge=1, le=MOST_WIDTH)
    ops: tuple[AnyOp, ...] = Field(min_length=1, max_length=_MOST_OPS)

    @model_validator(mode="before")
    @classmethod
    def _expand_product(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "ops" not in value:
            return value
        # The ops state their block themselves: a stage is equal however it was written.
        rest = {key: own for key, own in value.items() if key != "block"}
        return {**rest, "ops": read_menu(value.get("block"), value["ops"])}

    @model_validator(mode="after")
    def _check(self) -> Stage:
        low, high = self.depth
        if not 1 <= low <= high <= _MOST_DEPTH:
            raise ValueError(
                f"`depth` must be [fewest, most] with 1 <= fewest <= most <= {_MOST_DEPTH}. "
                f"Received: {[low, high]}"
            )
        if len(set(self.ops)) != len(self.ops):
            raise ValueError(f"`ops` has duplicates. Received: {[op.name for op in self.ops]}")
        check_menu(self.ops, self.stride)
        return self


def _all_thousandths(menu: Any) -> tuple[int, ...]:
    if not isinstance(menu, (list, tuple)):
        raise ValueError("Input should be a list of multipliers, such as [1.0, 1.2]")
    return tuple(thousandths(multiplier) for multiplier in menu)


Thousandths = Annotated[tuple[int, ...], BeforeValidator(_all_thousandths)]


class Scaling(Value):
    """A scaling: depth multiplier, width multiplier and resolution.

    Attributes:
      depth_thousandths: Depth multiplier in thousandths, at least 1.
      width_thousandths: Width multiplier in thousandths, at least 1.
      resolution: Side of the input image in pixels, at least 1.

    Example:
      >>> Scaling.of(1.04, 1.04, 256).depth_thousandths
      1040
    """

    depth_thousandths: int = Field(ge=1)
    width_thousandths: int = Field(ge=1)
    resolution: int = Field(ge=1)

    @classmethod
    def of(cls, depth: float | str, width: float | str, resolution: int) -> Scaling:
        """Creates a scaling from decimal multipliers.

        Args:
          depth: Depth multiplier: positive, at most three decimal places.
          width: Width multiplier: positive, at most three decimal places.
          resolution: Side of the input image in pixels, at least 1.

        Raises:
          ScaleNetError: If a multiplier is not positive, or has more than three decimal places.
        """
        return cls(
            depth_thousandths=thousandths(depth),
            width_thousandths=thousandths(width),
            resolution=resolution,
        )

    def __str__(self) -> str:
        return f"{self.depth_thousandths / 1000:g}/{self.width_thousandths / 1000:g}/{self.resolution}"


class Menu(Value):
    """The scalings that one scaling stage can choose from: all combinations of the listed values.

    Attributes:
      depth: Depth multipliers. They are given, and written to JSON, as decimals with at most three places,
        and stored in thousandths.
      width: Width multipliers, likewise.
      resolution: Sides of the input image in pixels.

    Raises:
      ScaleNetError: If a multiplier is not positive, or has more than three decimal places.

    Example:
      >>> Menu(depth=(1.0, 1.2), width=(1.0,), resolution=(224, 256)).scalings()[0].resolution
      224
    """

    depth: Thousandths = Field(min_length=1)
    width: Thousandths = Field(min_length=1)
    resolution: tuple[Annotated[Integer, Field(ge=1, le=_MOST_RESOLUTION)], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Menu:
        count = len(self.depth) * len(self.width) * len(self.resolution)
        if count > _MOST_SCALINGS:
            raise ValueError(f"a menu has at most {_MOST_SCALINGS:,} scalings. Received: {count:,}")
        return self

    def scalings(self) -> tuple[Scaling, ...]:
        """Returns all combinations, the resolution varying fastest."""
        return tuple(
            Scaling(depth_thousandths=d, width_thousandths=w, resolution=r)
            for d, w, r in itertools.product(self.depth, self.width, self.resolution)
        )

    @model_serializer
    def _serialize(self) -> dict[str, list[float] | list[int]]:
        return {
            "depth": [d / 1000 for d in self.depth],
            "width": [w / 1000 for w in self.width],
            "resolution": list(self.resolution),
        }


class SearchSpace(Value):
    """A search space: the blocks of a network, the menu of each scaling stage, and the budget.

    Attributes:
      name: Name of the space.
      channels: Number of image channels; set from the data by `for_data`.
      classes: Number of classes, at least 2; set from the data by `for_data`.
      stem_width: Output channels of the first convolution at width multiplier 1.
      stem_stride: Stride of the first convolution, 1 or 2.
      stages: Stages of the network, in order from input to output.
      head_width: Channels of the last convolution, which are not scaled.
      activation: "hard_silu", "silu", "relu6" or "relu".
      squeeze_reduction: Hidden channels of a block per squeeze channel, at least 1.
      width_divisor: Scaled widths are rounded up to a multiple of this, at least 1.
      menus: Scalings of each scaling stage, the base's (S0) first.
      budget: Multiply-adds of the base and of each scaling stage, and limits on other quantities.

    Example:
      >>> load_space("small").stages[0].ops[0].name
      'k3e4s'
    """

    name: Text
    channels: Integer = Field(default=3, ge=1, le=1024)
    classes: Integer = Field(default=1000, ge=2, le=10**6)
    stem_width: Integer = Field(ge=1, le=MOST_WIDTH)
    stem_stride: Stride = 2
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=_MOST_STAGES)
    head_width: Integer = Field(ge=1, le=MOST_WIDTH)
    activation: Activation = "hard_silu"
    squeeze_reduction: Integer = Field(default=4, ge=1, le=MOST_WIDTH)
    width_divisor: Integer = Field(default=1, ge=1, le=MOST_WIDTH)
    menus: tuple[Menu, ...] = Field(min_length=1, max_length=_MOST_STAGES)
    budget: Budget

    @model_validator(mode="after")
    def _check(self) -> SearchSpace:
        for number, bound in enumerate(self.budget.ranges):
            if bound.stage is not None and bound.stage >= len(self.menus):
                raise ValueError(
                    f"`budget.ranges[{number}].stage` must be 0 to {len(self.menus) - 1}, a scaling stage of "
                    f"`menus`. Received: {bound.stage}"
                )
        check_smallest(self)
        check_largest(self)
        return self

    @property
    def largest_resolution(self) -> int:
        """The largest resolution of all menus, in pixels."""
        return max(side for menu in self.menus for side in menu.resolution)

    def for_data(self, channels: int, classes: int) -> SearchSpace:
        """Returns a copy of the space for a data set.

        Args:
          channels: Number of image channels, at least 1.
          classes: Number of classes, at least 2.
        """
        return self.model_copy(update={"channels": channels, "classes": classes})

    def check_base(self, base: BaseArchitecture) -> BaseArchitecture:
        """Returns `base` if this space contains it.

        Args:
          base: Base architecture.

        Raises:
          ScaleNetError: If the space does not contain it. The text names the stage and what it allows.
        """
        if len(base.stages) != len(self.stages):
            raise InvalidInputError(
                f"`base` must have {len(self.stages)} stages in space {self.name!r}. "
                f"Received: {len(base.stages)}"
            )
        for index, (ops, stage) in enumerate(zip(base.stages, self.stages, strict=True)):
            low, high = stage.depth
            if not low <= len(ops) <= high:
                raise InvalidInputError(
                    f"stage {index} of `base` must have {low} to {high} blocks. Received: {len(ops)}"
                )
            for op in ops:
                if op not in stage.ops:
                    raise InvalidInputError(
                        f"stage {index} of `base` allows the ops {[o.name for o in stage.ops]}. "
                        f"Received: {op.name!r}"
                    )
        return base
