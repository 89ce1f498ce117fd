"""The cost limits of the base and the scaled networks, as frozen values that convert to and from JSON."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from scalenet_tf.space.latency_table import LatencyTable
from scalenet_tf.utils.inputs import Integer, Real
from scalenet_tf.utils.value import Value

Quantity = Literal["macs", "parameters", "peak_memory", "latency_ms"]
UNITS: dict[str, str] = {
    "macs": "multiply-adds",
    "parameters": "parameters",
    "peak_memory": "bytes",
    "latency_ms": "milliseconds",
}


def number(value: float) -> str:
    """Formats a quantity for an error text, such as 1,234,568 or 1.234."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


class Range(Value):
    """Bounds of one quantity, both inclusive.

    Attributes:
      quantity: "macs", "parameters", "peak_memory" (bytes of activations for one float32 image) or
        "latency_ms" (milliseconds for one float32 image, predicted from the budget's latency table).
      stage: Scaling stage that the range applies to. Default: all of them; a relative range leaves out S0.
      least: Lower bound, above 0. Default: no lower bound.
      most: Upper bound, above 0. Default: no upper bound.
      relative: Whether the bounds are multiples of the base's value rather than absolute.

    Example:
      >>> Range(quantity="parameters", stage=3, most=4.0, relative=True)
    """

    quantity: Quantity
    stage: Integer | None = Field(default=None, ge=0, le=31)
    least: Real | None = Field(default=None, gt=0)
    most: Real | None = Field(default=None, gt=0)
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
        """Returns whether the range applies to a scaling stage."""
        return stage >= int(self.relative) if self.stage is None else stage == self.stage

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Returns which values lie within the bounds: bool, one per value.

        Args:
          values: Absolute values, or multiples of the base's value if the range is relative.
        """
        low = -np.inf if self.least is None else self.least
        return (values >= low) & (values <= (np.inf if self.most is None else self.most))

    @property
    def unit(self) -> str:
        """Unit of the bounds, as text."""
        return f"times the base's own {UNITS[self.quantity]}" if self.relative else UNITS[self.quantity]

    def __str__(self) -> str:
        bounds = {"at least": self.least, "at most": self.most}
        return (
            " and ".join(f"{word} {number(b)}" for word, b in bounds.items() if b is not None)
            + f" {self.unit}"
        )


class Budget(Value):
    """The multiply-adds that the base and each scaling stage must have, and limits on other quantities.

    Attributes:
      macs: Multiply-adds of the base, for one image.
      base_tolerance: Allowed relative distance of the base from `macs`, in (0, 1).
      stage_tolerance: Allowed relative distance of scaling stage s from growth^s times the multiply-adds of
        the base, in (0, 1).
      growth: Growth of multiply-adds from one scaling stage to the next, in (1, 16].
      ranges: Limits on other quantities. Searched stages must meet all of them. Extrapolated ones keep to
        those of every stage where a scaling does, but not to milliseconds.
      latency: Latency table of a device; required by ranges of latency_ms.
    """

    macs: Integer = Field(ge=1, le=10**15)
    base_tolerance: Real = Field(default=0.05, ge=1e-12, lt=1)
    stage_tolerance: Real = Field(default=0.05, ge=1e-12, lt=1)
    growth: Real = Field(default=2.0, gt=1, le=16)
    ranges: tuple[Range, ...] = Field(default=(), max_length=100)
    latency: LatencyTable | None = None

    def target(self, macs: int, stage: int) -> int:
        """Returns the multiply-adds that a scaling stage should have.

        Args:
          macs: Multiply-adds of the base.
          stage: Scaling stage, from 0.
        """
        return round(macs * self.growth**stage)

    @model_serializer(mode="wrap")
    def _serialize(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        # Later fields are written only if they are set, so that the digests of older spaces stay the same.
        values: dict[str, JsonValue] = handler(self)
        omitted = {"growth"} if self.growth == 2 else set()
        omitted |= set() if self.ranges else {"ranges"}
        omitted |= set() if self.latency else {"latency"}
        return {name: value for name, value in values.items() if name not in omitted}
