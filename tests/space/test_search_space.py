from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BaseArchitecture, Menu, Op, Scaling, SearchSpace, Stage, Subnet

PAPER = load_space("paper")


@given(st.integers(0, 10**6))
def test_values_go_to_json_and_back(step: int) -> None:
    draw = draw_subnet(PAPER, 0, step)
    for value in (PAPER, draw.base, draw.scaling, draw.subnet):
        assert type(value).model_validate(json.loads(json.dumps(value.model_dump(mode="json")))) == value
        assert type(value).model_validate_json(value.model_dump_json()) == value


@given(st.integers(0, 10**4), st.integers(0, 10**4))
def test_keys_are_equal_if_and_only_if_networks_are(one: int, other: int) -> None:
    first, second = draw_subnet(PAPER, 0, one).subnet, draw_subnet(PAPER, 0, other).subnet
    assert (first.key == second.key) == (first == second)
    assert first.model_copy().key == first.key


@pytest.mark.parametrize("field", sorted(set(Subnet.model_fields) - {"stages", "activation"}))
def test_every_number_of_a_subnet_is_in_its_key(field: str) -> None:
    subnet = draw_subnet(PAPER, 0, 0).subnet
    other = 3 - subnet.stem_stride if field == "stem_stride" else getattr(subnet, field) + 1
    assert subnet.model_copy(update={field: other}).key != subnet.key


def test_keys_are_equal_in_another_process() -> None:
    code = (
        "from scalenet_tf.presets import load_space; from scalenet_tf.sampling import draw_subnet;"
        "print(draw_subnet(load_space('paper'), 3, 4).subnet.key)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == draw_subnet(PAPER, 3, 4).subnet.key


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("5x5", "an op is written k<kernel>e<expansion>.*Received: '5x5'"),
        ("k4e6s", "`kernel` must be odd"),
        ({"kernel": 3, "expansion": 0}, "greater than or equal to 1"),
        ({"kernel": 3, "expansion": 6, "ratio": 4}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_ops(value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Op.model_validate(value)


def test_op_names() -> None:
    assert Op.model_validate("k5e6s") == Op(kernel=5, expansion=6, squeeze_excite=True)
    assert Op.model_validate("k3e1") == Op(kernel=3, expansion=1, squeeze_excite=False)
    assert [
        str(op) for op in (Op(kernel=5, expansion=6), Op(kernel=3, expansion=1, squeeze_excite=False))
    ] == [
        "k5e6s",
        "k3e1",
    ]


def stage(**changes: Any) -> Stage:
    return Stage.model_validate({"depth": [1, 4], "stride": 2, "width": 16, "ops": ["k3e6s"], **changes})


def test_ops_may_be_a_product() -> None:
    product = stage(ops={"kernel": [3, 5], "expansion": [4], "squeeze_excite": [True, False]})
    assert [op.name for op in product.ops] == ["k3e4s", "k3e4", "k5e4s", "k5e4"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"depth": [3, 2]}, r"`depth` must be \[fewest, most\].*Received: \[3, 2\]"),
        ({"depth": [0, 2]}, r"1 <= fewest <= most"),
        ({"stride": 3}, "1 or 2"),
        ({"ops": ["k3e6s", "k3e6s"]}, "`ops` has duplicates"),
        ({"ops": ["k3e1", "k3e6"]}, "either all have expansion 1"),
        (
            {"ops": {"kernel": [3], "expansion": [6], "dilation": [2]}},
            r"`ops` takes .*Received: \['dilation'\]",
        ),
        ({"ops": []}, "at least 1 item"),
    ],
)
def test_wrong_stages(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        stage(**changes)


def test_menus_hold_exact_thousandths() -> None:
    menu = Menu.model_validate({"depth": [1.2], "width": ["1.04", 1.1], "resolution": [224]})
    assert menu.width == (1040, 1100)
    assert menu.scalings() == (Scaling.of(1.2, 1.04, 224), Scaling.of(1.2, 1.1, 224))
    assert str(menu.scalings()[1]) == "1.2/1.1/224"
    with pytest.raises(ValidationError, match="at most three places"):
        Menu.model_validate({"depth": [1.00001], "width": [1], "resolution": [224]})


def base(*stages: list[str]) -> BaseArchitecture:
    return BaseArchitecture.model_validate({"stages": stages})


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ([["k3e1s"]], r"`base` must have 7 stages in space 'paper'. Received: 1"),
        ([["k3e1s"] * 2] + [["k3e6s"]] * 6, r"stage 0 of `base` must have 1 to 1 blocks. Received: 2"),
        (
            [["k3e1s"]] + [["k3e6s"]] * 5 + [["k9e6s"]],
            r"stage 6 of `base` allows the ops .*Received: 'k9e6s'",
        ),
    ],
)
def test_bases_of_another_space_are_refused(stages: list[list[str]], message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        PAPER.check_base(base(*stages))


def test_a_stage_without_blocks_is_refused() -> None:
    with pytest.raises(ValidationError, match="stage 1 of a base architecture has no blocks"):
        base(["k3e1s"], [])


def test_values_are_frozen_and_spaces_take_the_data_sizes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PAPER.name = "other"
    grey = PAPER.for_data(channels=1, classes=10)
    assert (grey.channels, grey.classes) == (1, 10) and PAPER.channels == 3
    assert isinstance(grey, SearchSpace) and draw_subnet(grey, 0, 0).subnet.classes == 10
