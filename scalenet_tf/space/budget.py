"""What the base and the scaled models may cost: frozen values that go to JSON and back."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from scalenet_tf.space.latency_table import LatencyTable
from scalenet_tf.utils.value import Value

Quantity = Literal["macs", "parameters", "peak_memory", "latency_ms"]
UNITS: dict[str, str] = {
    "macs": "multiply-adds",
    "parameters": "parameters",
    "peak_memory": "bytes",
    "latency_ms": "milliseconds",
}


def number(value: float) -> str:
    """A bound or what is compared with it: 1,234,568 or 1.234."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


class Range(Value):
    """Bounds of one quantity, both inclusive.

    Attributes:
      quantity: "macs", "parameters", "peak_memory" (bytes of activations, one float32 image) or "latency_ms"
        (milliseconds of one float32 image, by the budget's latency table).
      stage: The scaling stage that it binds; all of them where None (those beyond S0, where relative).
      least: No less than this; unbounded where None.
      most: No more than this; unbounded where None.
      relative: Whether the bounds are multiples of the base's own value, rather than absolute.

    Example:
      >>> Range(quantity="parameters", stage=3, most=4.0, relative=True)
    """

    quantity: Quantity
    stage: int | None = Field(default=None, ge=0)
    least: float | None = Field(default=None, gt=0)
    most: float | None = Field(default=None, gt=0)
    relative: bool = False

    @model_validator(mode="after")
    def _check(self) -> Range:
        if self.least is None and self.most is None:
            raise ValueError("a range needs `least`, `most` or both. Received: neither")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"`least` must be at most `most`. Received: {self.least:g} > {self.most:g}")
        if self.relative and self.stage == 0:
            raise ValueError("a relative range compares with S0: give stage 1 or above, or none. Received: 0")
        return self

    def binds(self, stage: int) -> bool:
        """Whether this range is about a scaling stage."""
        return stage >= int(self.relative) if self.stage is None else stage == self.stage

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which values, relative ones where the range is, lie within the bounds."""
        low = -np.inf if self.least is None else self.least
        return (values >= low) & (values <= (np.inf if self.most is None else self.most))

    @property
    def unit(self) -> str:
        """What a value of this range counts."""
        return f"times the base's own {UNITS[self.quantity]}" if self.relative else UNITS[self.quantity]

    def __str__(self) -> str:
        bounds = {"at least": self.least, "at most": self.most}
        return (
            " and ".join(f"{word} {number(b)}" for word, b in bounds.items() if b is not None)
            + f" {self.unit}"
        )


class Budget(Value):
    """Multiply-adds that the base and the scaled models must meet, and ranges of anything else.

    Attributes:
      macs: Multiply-adds of the base.
      base_tolerance: Allowed relative distance of the base from `macs`.
      stage_tolerance: Allowed relative distance of scaling stage s from growth^s times the base's own.
      growth: Factor of multiply-adds from a scaling stage to the next, above 1.
      ranges: Further bounds, all of which must be met; the searched stages keep to them.
      latency: What blocks take on a device; needed by ranges of latency_ms.
    """

    macs: int = Field(ge=1)
    base_tolerance: float = Field(default=0.05, gt=0, lt=1)
    stage_tolerance: float = Field(default=0.05, gt=0, lt=1)
    growth: float = Field(default=2.0, gt=1, le=16)
    ranges: tuple[Range, ...] = ()
    latency: LatencyTable | None = None

    def target(self, macs: int, stage: int) -> int:
        """The multiply-adds that a scaling stage should have, from those of the base."""
        return round(macs * self.growth**stage)

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        # What is left at its default is left out: digests of a space go by what it asks for.
        values: dict[str, JsonValue] = handler(self)
        omitted = {"growth"} if self.growth == 2 else set()
        omitted |= set() if self.ranges else {"ranges"}
        omitted |= set() if self.latency else {"latency"}
        return {name: value for name, value in values.items() if name not in omitted}
