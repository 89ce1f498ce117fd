"""The published family as values, without TensorFlow, and the tables that are printed of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.costs.macs import Cost, cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import MEMBERS, published_member

COSTS = {
    "s0": Cost(354_933_888, 6_686_680),
    "s1": Cost(805_298_848, 12_437_432),
    "s2": Cost(1_629_498_934, 17_713_859),
    "s3": Cost(3_043_777_105, 23_373_274),
    "s4": Cost(6_424_158_182, 29_022_161),
    "s5": Cost(10_906_722_482, 38_206_942),
}
ROOT = Path(scalenet_tf.__file__).resolve().parent.parent


@pytest.mark.parametrize("name", MEMBERS)
def test_the_family_costs_what_is_stated(name: str) -> None:
    assert tuple(COSTS) == MEMBERS
    assert cost(published_member(name)) == COSTS[name]


def test_a_member_is_the_base_at_its_scaling_by_hand() -> None:
    subnet = published_member("s3")
    assert (subnet.resolution, subnet.stem_width, subnet.head_width) == (354, 45, 1280)
    assert [stage.width for stage in subnet.stages] == [23, 45, 56, 112, 135, 269, 448]
    assert [stage.stride for stage in subnet.stages] == [1, 2, 2, 2, 1, 2, 1]
    kernels = [[op.kernel for op in stage.ops] for stage in subnet.stages]
    assert kernels == [[5] * 2, [5] * 2, [7, 7, 5, 3, 3, 3], [5] * 3, [7] * 3, [7, 5, 7, 7, 7], [5] * 2]
    for index, stage in enumerate(subnet.stages):
        assert {(op.expansion, op.squeeze_excite) for op in stage.ops} == {(6 if index else 1, True)}


def test_the_largest_members_depths_and_widths_by_hand() -> None:
    s4, s5 = published_member("s4"), published_member("s5")
    assert [len(stage.ops) for stage in s4.stages] == [2, 2, 7, 4, 4, 5, 2]
    assert [stage.width for stage in s4.stages] == [25, 50, 62, 123, 148, 295, 491]
    assert [len(stage.ops) for stage in s5.stages] == [2, 2, 8, 4, 4, 6, 2]
    assert [stage.width for stage in s5.stages] == [28, 55, 68, 136, 163, 325, 541]


def test_a_member_takes_other_channels_and_classes() -> None:
    own = published_member("s1", channels=1, classes=7)
    assert own == published_member("s1").model_copy(update={"channels": 1, "classes": 7})
    saved = 993 * (1280 + 1)
    assert cost(own).parameters == COSTS["s1"].parameters - saved - 9 * 2 * own.stem_width


def test_an_unknown_member_gets_the_nearest_name() -> None:
    with pytest.raises(ScaleNetError, match=r"`name` must be one of .*'S4'\. Did you mean 's4'\?"):
        published_member("S4")
    with pytest.raises(ScaleNetError, match=r"`name` must be one of \['s0', .*Received: 'b7'"):
        published_member("b7")


def test_the_page_of_presets_holds_the_same_figures() -> None:
    page = (ROOT / "docs/guides/published-family.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| (S\d) \|(.*)\|$", page, re.MULTILINE))
    assert [name.lower() for name in rows] == list(MEMBERS)
    for name, row in rows.items():
        total, base = COSTS[name.lower()], COSTS["s0"]
        cells = [cell.strip() for cell in row.split("|")]
        expected = [f"{total.macs:,}", f"{total.macs / base.macs:.2f} ×", f"{total.parameters:,}"]
        assert cells[1:] == [str(published_member(name.lower()).num_blocks), *expected]
