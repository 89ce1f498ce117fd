from __future__ import annotations

import pytest

from scalenet_tf.extrapolation.fit_to_budget import realised_ratios
from scalenet_tf.presets import load_space
from scalenet_tf.report.growth import compound_growth, growth_of
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale

SPACE = load_space("paper")
# Two blocks in every stage that allows them: depths that 1.5 multiplies exactly.
BASE = BaseArchitecture(
    stages=tuple((stage.ops[0],) * min(2, stage.depth[1]) for stage in SPACE.stages),
)


def test_growth_is_of_realised_blocks_channels_and_pixels() -> None:
    base = scale(SPACE, BASE, Scaling.of(1, 1, 224))
    grown = growth_of(2, scale(SPACE, BASE, Scaling.of(1.5, 2, 336)), base)
    # Five stages of 2 blocks become 3; two of 1 become 2: 12 blocks become 19.
    assert grown.depth == pytest.approx(19 / 12)
    assert grown.width == pytest.approx(2)
    assert grown.resolution == pytest.approx(1.5)
    assert grown.macs > 1.5 * 4 * 2.25


def test_the_report_shows_the_ratios_that_extrapolation_fits() -> None:
    base = scale(SPACE, BASE, Scaling.of(1, 1, 224))
    # 1.04 leaves narrow layers as they are: the stem counts.
    subnet = scale(SPACE, BASE, Scaling.of(1.2, 1.04, 256))
    grown = growth_of(1, subnet, base)
    assert (grown.depth, grown.width, grown.resolution) == realised_ratios(subnet, base)


def test_the_base_itself_grows_by_nothing() -> None:
    base = draw_subnet(SPACE, 0, 0).base
    (row,) = compound_growth(SPACE, base, 224, [0])
    assert (row.depth, row.width, row.resolution, row.macs) == (1, 1, 1, 1)


def test_compound_rule_takes_as_many_steps_of_another_growth_as_make_its_own() -> None:
    slow = SPACE.model_copy(update={"budget": SPACE.budget.model_copy(update={"growth": 2**0.5})})
    halves = compound_growth(slow, BASE, 224, [0, 2, 4])
    assert [(row.depth, row.width, row.resolution) for row in halves] == [
        (row.depth, row.width, row.resolution) for row in compound_growth(SPACE, BASE, 224, [0, 1, 2])
    ]


def test_compound_rule_doubles_the_multiply_adds_about_once_a_stage() -> None:
    rows = compound_growth(SPACE, BASE, 224, [0, 1, 2, 3, 4])
    assert [row.resolution for row in rows] == [round(224 * 1.15**s) / 224 for s in range(5)]
    assert rows[1].width == pytest.approx(1.1, abs=0.03)
    for row in rows[1:]:
        assert 2**row.stage * 0.8 < row.macs < 2**row.stage * 1.6
