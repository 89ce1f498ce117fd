from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost, costs
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.sampling.feasible import (
    base_scaling,
    draw_feasible_bases,
    find_feasible_bases,
    macs_range,
    meets_budget,
)
from scalenet_tf.space import BaseArchitecture, Budget, Menu, Op, Scaling, SearchSpace
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")
TINY = SearchSpace.model_validate(
    {
        "name": "tiny",
        "classes": 10,
        "stem_width": 8,
        "stages": [
            {"depth": [1, 2], "stride": 1, "width": 8, "ops": ["k3e2", "k5e3s"]},
            {"depth": [2, 3], "stride": 2, "width": 16, "ops": ["k3e2", "k5e2", "k7e4s"]},
        ],
        "head_width": 32,
        "menus": [{"depth": [1], "width": [1], "resolution": [24]}],
        "budget": {"macs": 500_000, "base_tolerance": 0.15},
    }
)


def with_budget(space: SearchSpace, **changes: float) -> SearchSpace:
    return space.model_copy(
        update={"budget": Budget.model_validate({**space.budget.model_dump(), **changes})}
    )


def every_base(space: SearchSpace) -> dict[BaseArchitecture, float]:
    """Each base with its probability in `draw_bases`, by enumeration."""
    menus = []
    for stage in space.stages:
        depths = range(stage.depth[0], stage.depth[1] + 1)
        menus.append(
            [
                (ops, 1 / len(depths) / len(stage.ops) ** n)
                for n in depths
                for ops in itertools.product(stage.ops, repeat=n)
            ]
        )
    return {
        BaseArchitecture(stages=tuple(ops for ops, _ in choice)): float(np.prod([p for _, p in choice]))
        for choice in itertools.product(*menus)
    }


def test_draws_have_exactly_the_conditional_distribution() -> None:
    probabilities = every_base(TINY)
    assert sum(probabilities.values()) == pytest.approx(1)
    low, high = 500_000 * 0.85, 500_000 * 1.15
    wanted = {
        base: p
        for base, p in probabilities.items()
        if low <= cost(scale(TINY, base, base_scaling(TINY))).macs <= high
    }
    assert 20 < len(wanted) < len(probabilities) / 2
    count = 40_000
    drawn = Counter(decode(TINY, draw_feasible_bases(TINY, np.random.default_rng(0), count)))
    assert set(drawn) == set(wanted)
    expected = np.array([wanted[base] for base in drawn]) * count / sum(wanted.values())
    chi_squared = ((np.array(list(drawn.values())) - expected) ** 2 / expected).sum()
    freedom = len(wanted) - 1
    assert abs(chi_squared - freedom) < 4 * (2 * freedom) ** 0.5


@given(st.integers(0, 2**32), st.sampled_from([0.2, 0.05, 0.001]))
def test_draws_meet_the_budget(seed: int, tolerance: float) -> None:
    space = with_budget(PAPER, macs=306_000_000, base_tolerance=tolerance)
    bases = draw_feasible_bases(space, np.random.default_rng(seed), 50)
    macs = costs(space, bases, base_scaling(space))[:, 0]
    assert len(bases) == 50 and (np.abs(macs / 306e6 - 1) <= tolerance + 1e-12).all()


@pytest.mark.parametrize("macs", [177_000_000, 712_000_000])
def test_budgets_that_chance_would_hardly_meet(macs: int) -> None:
    space = with_budget(PAPER, macs=macs, base_tolerance=0.004)
    assert not meets_budget(space, draw_bases(space, np.random.default_rng(0), 2000)).any()
    assert meets_budget(space, draw_feasible_bases(space, np.random.default_rng(0), 200)).all()


def test_draws_meet_the_budgets_of_scaled_stages() -> None:
    scalings = {1: Scaling.of(1.04, 1.08, 224), 3: Scaling.of(1.52, 1.44, 320)}
    bases = draw_feasible_bases(PAPER, np.random.default_rng(0), 300, scalings)
    own = costs(PAPER, bases, base_scaling(PAPER))[:, 0]
    for stage, scaling in scalings.items():
        ratio = costs(PAPER, bases, scaling)[:, 0] / own / 2**stage
        assert (np.abs(ratio - 1) <= PAPER.budget.stage_tolerance).all()
    for index, base in enumerate(decode(PAPER, bases[:20])):
        assert cost(scale(PAPER, base, scalings[3])).macs <= 1.05 * 8 * own[index]


def test_the_seed_decides() -> None:
    one, again, other = (draw_feasible_bases(PAPER, np.random.default_rng(s), 100) for s in (0, 0, 1))
    assert (one.ops == again.ops).all() and (one.depth == again.depth).all()
    assert not (one.ops == other.ops).all()


def test_the_range_is_exact() -> None:
    macs = [cost(scale(TINY, base, Scaling.of(1.3, 1.2, 30))).macs for base in every_base(TINY)]
    assert macs_range(TINY, Scaling.of(1.3, 1.2, 30)) == (min(macs), max(macs))
    assert macs_range(PAPER, base_scaling(PAPER)) == (176_513_152, 713_511_936)


@pytest.mark.parametrize("depth", [(1, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("multiplier", [1.0, 1.5, 2.0, 3.0])
def test_the_copies_of_an_only_block_have_its_op(depth: tuple[int, int], multiplier: float) -> None:
    stages = (TINY.stages[0].model_copy(update={"ops": (Op(kernel=3, expansion=2),)}), TINY.stages[1])
    ops = (Op(kernel=3, expansion=6), Op(kernel=7, expansion=4))  # one is cheaper first, the other later
    lone = stages[1].model_copy(update={"depth": depth, "ops": ops, "width": 24})
    space = TINY.model_copy(update={"stages": (stages[0], lone)})
    scaling = Scaling.of(multiplier, 1, 32)
    macs = [cost(scale(space, base, scaling)).macs for base in every_base(space)]
    assert macs_range(space, scaling) == (min(macs), max(macs))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"macs": 10}, r"`budget.macs` is too low: 10 ± 8 %.*reach 176,513,152 to 713,511,936.*: raise it"),
        (
            {"macs": 10**9},
            r"`budget.macs` is too high: 1,000,000,000 ± 8 %.*reach 176,513,152 to .*: lower it",
        ),
        (
            {"base_tolerance": 1e-9},
            r"`budget.base_tolerance` is too narrow: .*near the budget 30[56],\d{3},\d{3}: raise ",
        ),
    ],
)
def test_an_unreachable_budget_says_what_can_be_reached(changes: dict[str, float], message: str) -> None:
    space = with_budget(PAPER, **changes)
    with pytest.raises(ScaleNetError, match=message):
        draw_feasible_bases(space, np.random.default_rng(0), 1)


def test_scalings_that_no_base_fits_are_refused_in_bounded_time() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ScaleNetError, match=r"`scalings` .*2/2/224.* must fit .*only 0 of 5"):
        draw_feasible_bases(PAPER, rng, 5, {1: Scaling.of(2, 2, 224)})
    assert len(find_feasible_bases(PAPER, rng, 5, {1: Scaling.of(2, 2, 224)}, batches=1)) == 0


def test_the_base_has_one_scaling() -> None:
    menu = Menu.model_validate({"depth": [1], "width": [1, 1.1], "resolution": [224]})
    with pytest.raises(ScaleNetError, match=r"`menus\[0\]` of space 'paper' is the base's own"):
        base_scaling(PAPER.model_copy(update={"menus": (menu,)}))
