"""The sections `ladder` and `scale` of a configuration: the scaling stages, searched and extrapolated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scalenet_tf.space.budget import Range
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value


class LadderConfig(Value):
    """The scaling stages to search and their budgets; keys that are not given are those of the space."""

    stages: Integer | None = Field(
        default=None,
        ge=1,
        le=32,
        description="Number of scaling stages to search, S0 included. Default: all stages of the space.",
    )
    growth: Real | None = Field(
        default=None,
        gt=1,
        le=16,
        description="Factor of multiply-adds from each scaling stage to the next. Default: the space's.",
    )
    macs: Integer | None = Field(
        default=None, ge=1, le=10**15, description="Multiply-adds of the base. Default: the space's."
    )
    base_tolerance: Real | None = Field(
        default=None,
        ge=1e-12,
        lt=1,
        description="Allowed relative difference of the base from `macs`. Default: the space's.",
    )
    stage_tolerance: Real | None = Field(
        default=None,
        ge=1e-12,
        lt=1,
        description="Allowed relative difference of scaling stage s from growth^s times the base. "
        "Default: the space's.",
    )
    ranges: tuple[Range, ...] | None = Field(
        default=None,
        max_length=100,
        description="Further bounds of macs, parameters, peak_memory or latency_ms, such as {quantity: macs, "
        "stage: 1, most: 9e5}. Default: the space's.",
    )
    latency_table: Text | None = Field(
        default=None,
        description="File that `scalenet profile blocks` wrote; required for ranges of latency_ms.",
    )
    latency_device: Literal["this", "other"] = Field(
        default="this",
        description="Device of the latency table; `other` accepts a table that was measured elsewhere.",
    )


class ScaleConfig(Value):
    """Extrapolation beyond the searched scaling stages."""

    extra_stages: Integer = Field(
        default=1,
        ge=0,
        le=16,
        description="Number of members to extrapolate beyond the searched scaling stages.",
    )
    rule: Literal["compound", "separate", "last", "efficientnet"] = Field(
        default="compound",
        description="How growth continues: one compound fit, one fit for each dimension, as in the last "
        "searched stage, or by EfficientNet's 1.2, 1.1 and 1.15, for which S0 alone has to be searched "
        "(`ladder.stages: 1`).",
    )
    tolerance: Real = Field(
        default=0.05,
        ge=1e-12,
        lt=1,
        description="Allowed relative difference of stage s from growth^s times the base.",
    )
