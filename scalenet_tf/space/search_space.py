"""Search spaces and architectures as frozen values that go to JSON and back. No TensorFlow here."""

from __future__ import annotations

import hashlib
import itertools
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.space.budget import Budget as Budget
from scalenet_tf.space.budget import Range as Range
from scalenet_tf.space.op import Op as Op
from scalenet_tf.space.rules import thousandths
from scalenet_tf.utils.value import Value as Value

Activation = Literal["hard_silu", "silu", "relu6", "relu"]


class Stage(Value):
    """A run of blocks at one width; the first one may stride.

    Attributes:
      depth: Fewest and most blocks of a base architecture here, both inclusive.
      stride: Stride of the first block, 1 or 2.
      width: Output channels at width multiplier 1.
      ops: The menu of choices of every block. In YAML a product may be written instead:
        `{kernel: [3, 5], expansion: [6], squeeze_excite: [true]}`.
    """

    depth: tuple[int, int]
    stride: Literal[1, 2]
    width: int = Field(ge=1)
    ops: tuple[Op, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _expand_product(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("ops"), dict):
            menu = value["ops"]
            unknown = set(menu) - {"kernel", "expansion", "squeeze_excite"}
            if unknown:
                names = "kernel, expansion, squeeze_excite"
                raise ValueError(f"`ops` takes {names}. Received: {sorted(unknown)}")
            missing = {"kernel", "expansion"} - set(menu)
            if missing:
                raise ValueError(f"`ops` needs kernel and expansion. Missing: {sorted(missing)}")
            combinations = itertools.product(
                menu["kernel"], menu["expansion"], menu.get("squeeze_excite", [True])
            )
            ops = [Op(kernel=k, expansion=e, squeeze_excite=s) for k, e, s in combinations]
            return {**value, "ops": ops}
        return value

    @model_validator(mode="after")
    def _check(self) -> Stage:
        low, high = self.depth
        if not 1 <= low <= high:
            raise ValueError(
                f"`depth` must be [fewest, most] with 1 <= fewest <= most. Received: {[low, high]}"
            )
        if len(set(self.ops)) != len(self.ops):
            raise ValueError(f"`ops` has duplicates. Received: {[op.name for op in self.ops]}")
        plain = {op.expansion == 1 for op in self.ops}
        if len(plain) > 1:
            raise ValueError(
                "`ops` of one stage must either all have expansion 1 (no expansion convolution) or all "
                f"have more. Received: {[op.name for op in self.ops]}"
            )
        return self


Thousandths = Annotated[tuple[int, ...], BeforeValidator(lambda menu: tuple(thousandths(m) for m in menu))]


class Scaling(Value):
    """A scaling: depth and width multipliers in thousandths, and the input's side in pixels.

    Example:
      >>> Scaling.of(1.04, 1.04, 256).depth_thousandths
      1040
    """

    depth_thousandths: int = Field(ge=1)
    width_thousandths: int = Field(ge=1)
    resolution: int = Field(ge=1)

    @classmethod
    def of(cls, depth: float | str, width: float | str, resolution: int) -> Scaling:
        """Builds a scaling from decimal multipliers."""
        return cls(
            depth_thousandths=thousandths(depth),
            width_thousandths=thousandths(width),
            resolution=resolution,
        )

    def __str__(self) -> str:
        return f"{self.depth_thousandths / 1000:g}/{self.width_thousandths / 1000:g}/{self.resolution}"


class Menu(Value):
    """What one scaling stage may choose: decimal multipliers of depth and width, pixels."""

    depth: Thousandths = Field(min_length=1)
    width: Thousandths = Field(min_length=1)
    resolution: tuple[int, ...] = Field(min_length=1)

    def scalings(self) -> tuple[Scaling, ...]:
        """Every combination, in menu order."""
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
    """Everything that can be searched: the blocks, the scaling menus and the budget.

    `menus[s]` belongs to scaling stage s; the first one is the base's own. `channels` and `classes`
    come from the data: see `for_data`.
    """

    name: str
    channels: int = Field(default=3, ge=1)
    classes: int = Field(default=1000, ge=2)
    stem_width: int = Field(ge=1)
    stem_stride: Literal[1, 2] = 2
    stages: tuple[Stage, ...] = Field(min_length=1)
    head_width: int = Field(ge=1)
    activation: Activation = "hard_silu"
    squeeze_reduction: int = Field(default=4, ge=1)
    width_divisor: int = Field(default=1, ge=1)
    menus: tuple[Menu, ...] = Field(min_length=1)
    budget: Budget

    @model_validator(mode="after")
    def _check(self) -> SearchSpace:
        for number, bound in enumerate(self.budget.ranges):
            if bound.stage is not None and bound.stage >= len(self.menus):
                raise ValueError(
                    f"`budget.ranges[{number}].stage` must be 0 to {len(self.menus) - 1}, a scaling stage of "
                    f"`menus`. Received: {bound.stage}"
                )
        return self

    def for_data(self, channels: int, classes: int) -> SearchSpace:
        """The same space for images of so many channels and classes."""
        return self.model_copy(update={"channels": channels, "classes": classes})

    def check_base(self, base: BaseArchitecture) -> BaseArchitecture:
        """Returns `base` if this space contains it.

        Raises:
          ScaleNetError: naming the stage, what it allows and what was received.
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


class BaseArchitecture(Value):
    """Per stage, a non-empty tuple of op choices; its length is the stage's depth."""

    stages: tuple[tuple[Op, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> BaseArchitecture:
        for index, ops in enumerate(self.stages):
            if not ops:
                raise ValueError(f"stage {index} of a base architecture has no blocks: give at least one op")
        return self

    def __str__(self) -> str:
        return " | ".join(" ".join(op.name for op in ops) for ops in self.stages)


class SubnetStage(Value):
    """A stage with its realised width and blocks."""

    width: int = Field(ge=1)
    stride: Literal[1, 2]
    ops: tuple[Op, ...] = Field(min_length=1)


class Subnet(Value):
    """A network with every number realised: enough to build it, count it or slice it.

    Two (base, scaling) pairs that give equal subnets are the same network: compare `key`.
    """

    resolution: int = Field(ge=1)
    channels: int = Field(ge=1)
    classes: int = Field(ge=2)
    stem_width: int = Field(ge=1)
    stem_stride: Literal[1, 2]
    stages: tuple[SubnetStage, ...] = Field(min_length=1)
    head_width: int = Field(ge=1)
    activation: Activation
    squeeze_reduction: int = Field(ge=1)

    @property
    def key(self) -> str:
        """The phenotype: 16 hexadecimal digits that are equal if and only if the networks are."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @property
    def num_blocks(self) -> int:
        return sum(len(stage.ops) for stage in self.stages)
