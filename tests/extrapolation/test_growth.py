from __future__ import annotations

import itertools
import math
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.extrapolation.fit_to_budget import FittedScaling, realised_ratios
from scalenet_tf.extrapolation.growth import Rule, extrapolate, fit_growth, fit_growth_to_ratios
from scalenet_tf.presets import load_space
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")
FOUND = BaseArchitecture.model_validate(
    {
        "stages": [
            [f"k{kernel}e{6 if stage else 1}s" for kernel in kernels]
            for stage, kernels in enumerate([[5], [5], [7, 7, 5, 3], [5, 5], [7, 7], [7, 5, 7], [5]])
        ]
    }
)
FAMILY = [
    Scaling.of(1, 1, 224),
    Scaling.of(1.04, 1.04, 256),
    Scaling.of(1.36, 1.2, 304),
    Scaling.of(1.4, 1.4, 354),
]


def nets(scalings: list[Scaling], space: SearchSpace = PAPER) -> list[Subnet]:
    return [scale(space, FOUND, scaling) for scaling in scalings]


def check_growing(family: list[Subnet], extra: tuple[FittedScaling, ...], tolerance: float) -> None:
    for before, after in itertools.pairwise(
        [*family, *(fitted.subnet for fitted in extra)][len(family) - 1 :]
    ):
        assert after.resolution >= before.resolution and after.stem_width >= before.stem_width
        for ours, its in zip(after.stages, before.stages, strict=True):
            assert len(ours.ops) >= len(its.ops) and ours.width >= its.width
    for stage, fitted in enumerate(extra, start=len(family)):
        assert fitted.scaling_stage == stage and fitted.target_macs == 2**stage * cost(family[0]).macs
        assert fitted.macs == cost(fitted.subnet).macs
        assert fitted.gap == pytest.approx(fitted.macs / fitted.target_macs - 1)
        assert abs(fitted.gap) <= tolerance


def test_the_published_family_grows_on_within_its_budgets() -> None:
    growth, extra = extrapolate(PAPER, FOUND, FAMILY, extra_stages=2, tolerance=0.05)
    check_growing(nets(FAMILY), extra, 0.05)
    assert growth.depth * growth.width**2 * growth.resolution**2 == pytest.approx(2)
    for fitted in extra:
        assert fitted.subnet == scale(PAPER, FOUND, fitted.scaling)
        assert realised_ratios(fitted.subnet, nets(FAMILY)[0]) == pytest.approx(
            growth.at(fitted.scaling_stage), rel=0.12
        )


# A network of many blocks and channels, so that rounding hides nothing.
SMOOTH = PAPER.model_copy(
    update={
        "stem_width": 320,
        "stages": tuple(
            stage.model_copy(update={"depth": (10, 10), "width": stage.width * 10}) for stage in PAPER.stages
        ),
    }
)
SMOOTH_BASE = BaseArchitecture.model_validate(
    {"stages": [["k3e1s"] * 10] + [["k5e6s"] * 10] * (len(PAPER.stages) - 1)}
)


@pytest.mark.parametrize(
    ("depth", "width", "resolution"),
    [(1.2, 1.12, 1.152), (1.0, 1.19, 1.19), (1.3, 1.24, 1.0), (1.6, 1.0, 1.118)],
)
def test_s3_of_a_compound_family_is_predicted_from_s0_to_s2(
    depth: float, width: float, resolution: float
) -> None:
    assert depth * width**2 * resolution**2 == pytest.approx(2, rel=0.02)
    family = [
        Scaling.of(f"{depth**s:.3f}", f"{width**s:.3f}", 2 * round(112 * resolution**s)) for s in range(4)
    ]
    subnets = [scale(SMOOTH, SMOOTH_BASE, scaling) for scaling in family]
    growth, (fitted,) = extrapolate(SMOOTH, SMOOTH_BASE, family[:3], extra_stages=1, tolerance=0.05)
    assert (growth.depth, growth.width, growth.resolution) == pytest.approx(
        (depth, width, resolution), rel=0.02
    )
    true = realised_ratios(subnets[3], subnets[0])
    assert realised_ratios(fitted.subnet, subnets[0]) == pytest.approx(true, rel=0.05)
    assert abs(fitted.gap) <= 0.05


def test_another_growth_factor_is_the_rules_and_the_targets() -> None:
    space = PAPER.model_copy(update={"budget": PAPER.budget.model_copy(update={"growth": 1.5})})
    family = [Scaling.of(1, 1, 224), Scaling.of(1.1, 1.08, 240), Scaling.of(1.25, 1.2, 260)]
    growth, (fitted,) = extrapolate(space, FOUND, family, extra_stages=1, tolerance=0.05)
    assert growth.depth * growth.width**2 * growth.resolution**2 == pytest.approx(1.5)
    base = cost(nets(family)[0]).macs
    assert fitted.target_macs == round(base * 1.5**3) and abs(fitted.gap) <= 0.05
    assert growth != fit_growth(nets(family))


def test_each_rule_by_hand() -> None:
    family = nets([Scaling.of(1, 1, 224), Scaling.of(1.04, 1.04, 256), Scaling.of(1.36, 1.2, 304)])
    logs = [[math.log(ratio) for ratio in realised_ratios(subnet, family[0])] for subnet in family]
    slopes = [(one + 2 * two) / 5 for one, two in zip(logs[1], logs[2], strict=True)]
    separate = fit_growth(family, rule="separate")
    assert (separate.depth, separate.width, separate.resolution) == pytest.approx(
        tuple(math.exp(slope) for slope in slopes)
    )
    last = fit_growth(family, rule="last")
    proportions = [math.log(last.depth), math.log(last.width), math.log(last.resolution)]
    assert [p / proportions[2] for p in proportions] == pytest.approx([x / logs[2][2] for x in logs[2]])
    for growth in (last, fit_growth(family)):
        assert growth.depth * growth.width**2 * growth.resolution**2 == pytest.approx(2)


def test_efficientnets_rule_needs_no_family() -> None:
    for factor in (1.5, 2.0, 4.0):
        growth = fit_growth(nets(FAMILY[:1]), factor, "efficientnet")
        assert growth == fit_growth(nets(FAMILY), factor, "efficientnet")
        assert growth.depth * growth.width**2 * growth.resolution**2 == pytest.approx(factor)
        logs = [math.log(ratio) for ratio in (growth.depth, growth.width, growth.resolution)]
        own = [math.log(ratio) for ratio in (1.2, 1.1, 1.15)]
        assert [log / logs[0] for log in logs] == pytest.approx([log / own[0] for log in own])
    _, extra = extrapolate(PAPER, FOUND, FAMILY[:1], extra_stages=3, tolerance=0.05, rule="efficientnet")
    check_growing(nets(FAMILY[:1]), extra, 0.05)


@pytest.mark.parametrize("rule", ["compound", "separate", "last"])
def test_ratios_give_the_growth_of_their_networks(rule: Rule) -> None:
    family = nets(FAMILY[:3])
    ratios = [realised_ratios(subnet, family[0]) for subnet in family]
    for factor in (1.5, 2.0):
        assert fit_growth_to_ratios(ratios, factor, rule) == fit_growth(family, factor, rule)
    with pytest.raises(ScaleNetError, match="a searched stage beyond S0"):
        fit_growth_to_ratios(ratios[:1], rule=rule)


@pytest.mark.parametrize("rule", typing.get_args(Rule))
def test_every_rule_settles_within_the_budgets(rule: Rule) -> None:
    _, extra = extrapolate(PAPER, FOUND, FAMILY, extra_stages=2, tolerance=0.05, rule=rule)
    check_growing(nets(FAMILY), extra, 0.05)


def test_a_dimension_that_did_not_grow_stays() -> None:
    family = [Scaling.of(1, 1, 224), Scaling.of(1, 1.2, 260), Scaling.of(1, 1.45, 304)]
    growth, extra = extrapolate(PAPER, FOUND, family, extra_stages=2, tolerance=0.05)
    assert growth.depth == 1.0 and growth.width > 1 and growth.resolution > 1
    assert [fitted.subnet.num_blocks for fitted in extra] == [14, 14]
    check_growing(nets(family), extra, 0.05)


def test_a_dimension_that_shrank_does_not_shrink_further() -> None:
    family = [Scaling.of(1, 1, 224), Scaling.of(1, 1.48, 208)]
    growth, extra = extrapolate(PAPER, FOUND, family, extra_stages=1, tolerance=0.05)
    assert growth.resolution == 1.0
    check_growing(nets(family), extra, 0.05)


@pytest.mark.parametrize(
    ("index", "equal"),
    [(1, Scaling.of(1.16, 1.04, 256)), (1, Scaling.of(1.25, 1.04, 256)), (3, Scaling.of(1.44, 1.4, 354))],
)
def test_which_of_equal_multipliers_was_kept_does_not_matter(index: int, equal: Scaling) -> None:
    other = [*FAMILY]
    other[index] = equal
    assert nets(other) == nets(FAMILY) and other != FAMILY
    for rule in typing.get_args(Rule):
        found = extrapolate(PAPER, FOUND, other, 2, 0.05, rule)
        assert found == extrapolate(PAPER, FOUND, FAMILY, 2, 0.05, rule)


@settings(max_examples=15)
@given(
    st.tuples(st.integers(1000, 1300), st.integers(1000, 1200), st.integers(1000, 1200)),
    st.sampled_from([1, 4, 8]),
)
def test_it_settles_whatever_was_found(factors: tuple[int, int, int], divisor: int) -> None:
    space = PAPER.model_copy(update={"width_divisor": divisor})
    depth, width, side = (factor / 1000 for factor in factors)
    family = [Scaling.of(f"{depth**s:.3f}", f"{width**s:.3f}", round(224 * side**s)) for s in range(3)]
    if max(factors) < 1100:
        return  # Too little growth to be a stage.
    _, extra = extrapolate(space, FOUND, family, extra_stages=1, tolerance=0.05)
    subnets = nets(family, space)
    over = cost(subnets[-1]).macs > 8 * cost(subnets[0]).macs
    check_growing(subnets, extra, math.inf if over else 0.05)


def test_a_budget_out_of_reach_is_stated_as_a_gap() -> None:
    """S1 is already above S2's budget, and nothing may shrink: the nearest is S1 itself."""
    family = [Scaling.of(1, 1, 224), Scaling.of(1.5, 1.5, 320)]
    _, (fitted,) = extrapolate(PAPER, FOUND, family, extra_stages=1, tolerance=0.05)
    assert fitted.gap > 0.05 and fitted.macs == cost(nets(family)[1]).macs


def test_a_narrow_tolerance_gets_the_nearest() -> None:
    coarse = PAPER.model_copy(update={"width_divisor": 64})
    subnets = nets(FAMILY, coarse)
    _, (fitted,) = extrapolate(coarse, FOUND, FAMILY, extra_stages=1, tolerance=1e-7)
    assert 1e-7 < abs(fitted.gap) < 0.01
    assert fitted.target_macs == 16 * cost(subnets[0]).macs


def test_nothing_to_fit() -> None:
    with pytest.raises(ScaleNetError, match=r"a searched stage beyond S0.*scale.extra_stages=0"):
        fit_growth(nets(FAMILY[:1]))
    with pytest.raises(ScaleNetError, match="grow in depth, width or resolution; the searched ones do not"):
        fit_growth(nets([FAMILY[0], FAMILY[0]]))
