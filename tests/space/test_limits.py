"""Spaces that describe more than can be counted are refused at once, and so is what is no space."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.presets.spaces import parse_space
from scalenet_tf.utils.yaml_text import read_yaml, write_yaml

SMALL: dict[str, Any] = read_yaml(
    resources.files("scalenet_tf.presets").joinpath("small.yaml").read_text(), ""
)
ODD = (
    0,
    -1,
    10**9,
    10**18,
    1e-320,
    1e29,
    True,
    None,
    "",
    "x",
    "9" * 4000,
    [],
    {},
    [0],
    [10**9],
    [[]],
    [None],
    {"a": 1},
)


def places(values: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in nested lists and mappings."""
    inner = (
        values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    )
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(path: tuple[Any, ...], value: Any) -> str:
    space = copy.deepcopy(SMALL)
    inner = space
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return write_yaml(space)


def test_any_value_anywhere_ends_in_a_space_or_a_short_error() -> None:
    began, refused = time.monotonic(), 0
    # Every third: equal kinds stand in many stages and menus.
    for number, path in enumerate(places(SMALL)):
        for odd in ODD[number % 3 :: 3]:
            try:
                parse_space(changed(path, odd))
            except ScaleNetError as error:
                refused += 1
                assert len(str(error)) < 5000
    assert refused > 300 and time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("stages", 0, "ops", "kernel"),
            3,
            r"`ops.kernel` must be a list of 1 to 32 values, such as \[3, 5\]",
        ),
        (("stages", 0, "ops", "kernel"), [3] * 33, "must be a list of 1 to 32 values"),
        (("stages", 0, "ops"), 3, "Input should be a valid"),
        (("stages", 0, "depth"), [1, 10**9], "`depth` must be .* <= most <= 64"),
        (("stages", 1, "width"), 10**9, "less than or equal to 65536"),
        (("menus", 0, "resolution"), [0], "greater than or equal to 1"),
        (("menus", 0, "resolution"), 16, "should be a valid tuple"),
        (("menus", 0, "depth"), 1.0, r"should be a list of multipliers, such as \[1.0, 1.2\]"),
        (("menus", 0, "depth"), ["1e999999999"], "a multiplier must be .* at most 1000"),
        (("stages", 0, "width"), 2**16, "scaled widths must be at most 65,536. Received: 117,968"),
        (
            ("menus", 3, "depth"),
            [1000.0],
            "the deepest network must have at most 2,000 blocks. Received: 8,000",
        ),
        (("menus", 1, "resolution"), list(range(1, 1000)), r"at most 4,096 scalings. Received: 15,984"),
        (("stages", 0, "ops"), ["k3e4s", "k٣e4"], "an op is written"),
        (("channels",), True, "a number, not a boolean"),
        (("stem_stride",), True, "stem_stride"),
        (("budget", "macs"), 10**16, "less than or equal to"),
    ],
)
def test_the_key_and_its_limit_are_named(path: tuple[Any, ...], value: Any, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        parse_space(changed(path, value))


def test_costs_stay_below_what_64_bits_count() -> None:
    space = load_space("small").model_dump(mode="json")
    space["stages"][0] |= {"width": 2**15, "ops": ["k63e64"]}
    space["menus"][0]["resolution"] = [8192]
    with pytest.raises(ScaleNetError, match="the largest network must have at most"):
        parse_space(write_yaml(space))


@pytest.mark.parametrize("name", ["small", "medium", "paper"])
def test_shipped_spaces_are_far_from_the_limits(name: str) -> None:
    space = load_space(name)
    doubled = space.model_dump(mode="json")
    for stage in doubled["stages"]:
        stage["width"] *= 4
        stage["depth"] = [1, 4 * stage["depth"][1]]
    assert parse_space(write_yaml(doubled))
