from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling.feasible import base_scaling
from scalenet_tf.sampling.pool import Pool, check_space, distinct_scalings, draw_pool
from scalenet_tf.space import Menu, SearchSpace
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")


def with_menus(*menus: dict[str, list[Any]], **budget: float) -> SearchSpace:
    parsed = tuple(Menu.model_validate(menu) for menu in menus)
    return PAPER.model_copy(
        update={"menus": (PAPER.menus[0], *parsed), "budget": PAPER.budget.model_copy(update=budget)}
    )


def test_menus_are_deduplicated_by_the_networks_they_give() -> None:
    assert [len(distinct_scalings(PAPER, stage)) for stage in range(4)] == [1, 12, 45, 42]
    base = decode(PAPER, draw_pool(PAPER, np.random.default_rng(0)).bases[:1])[0]
    for stage in range(4):
        menu = {scale(PAPER, base, scaling) for scaling in PAPER.menus[stage].scalings()}
        assert {scale(PAPER, base, scaling) for scaling in distinct_scalings(PAPER, stage)} == menu


def test_the_pool_knows_what_fits() -> None:
    pool = draw_pool(PAPER, np.random.default_rng(0))
    own = costs(PAPER, pool.bases, base_scaling(PAPER))[:, 0]
    assert len(set(decode(PAPER, pool.bases))) == len(pool.bases)
    for stage in range(1, 4):
        for index, scaling in enumerate(pool.scalings[stage]):
            ratio = costs(PAPER, pool.bases, scaling)[:, 0] / own / 2**stage
            assert (pool.feasible[stage][index] == (np.abs(ratio - 1) <= 0.05)).all()


def test_a_joint_choice_takes_the_most_wanted_that_fit_together() -> None:
    bases = draw_pool(PAPER, np.random.default_rng(0)).bases[:3]
    scalings = tuple(distinct_scalings(PAPER, stage)[:2] for stage in (1, 2))
    first = np.array([[1, 0, 0], [0, 1, 1]], bool)
    second = np.array([[0, 0, 0], [0, 1, 0]], bool)
    pool = Pool(bases, scalings, (first, second))
    assert pool.choose_jointly([[0, 1], [0, 1]]) == [1, 1]
    assert pool.choose_jointly([[0], [0, 1]]) is None
    assert Pool(bases, scalings, (first, first)).choose_jointly([[1, 0], [0, 1]]) == [1, 1]


def test_a_joint_choice_is_the_first_of_all_and_found_at_once() -> None:
    rng = np.random.default_rng(3)
    bases = draw_pool(PAPER, rng).bases[:40]
    for density in (0.02, 0.1, 0.4):
        feasible = tuple(rng.random((4, 40)) < density for _ in range(4))
        pool = Pool(bases, (distinct_scalings(PAPER, 1)[:4],) * 4, feasible)
        orders = [rng.permutation(4).tolist() for _ in range(4)]
        every = itertools.product(*orders)
        fit = [
            list(one) for one in every if np.all([feasible[s][i] for s, i in enumerate(one)], axis=0).any()
        ]
        assert pool.choose_jointly(orders) == (fit[0] if fit else None)
    # Walking through all combinations would take 30^12 steps.
    many = tuple(rng.random((30, 40)) < 0.5 for _ in range(12))
    none = Pool(bases, (), (*many, np.zeros((30, 40), bool)))
    assert none.choose_jointly([list(range(30))] * 13) is None


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            with_menus({"depth": [1], "width": [1], "resolution": [240]}),
            r"`menus\[1\]` of space 'paper' must reach 2 times .*too small: add .*reach 1\.\d+ to 1\.\d+ t",
        ),
        (
            with_menus({"depth": [2], "width": [2], "resolution": [320]}),
            r"`menus\[1\]` .*too large: add smaller multipliers or resolutions to `menus\[1\]`",
        ),
        (
            with_menus({"depth": [1], "width": [1, 2], "resolution": [224]}),
            r"`menus\[1\]` .*has a gap there: raise `budget.stage_tolerance`.*at the nearest",
        ),
        (
            # S1 fits bases that this depth multiplier grows little, S2 those that it grows much.
            with_menus(
                {"depth": [1.5], "width": [1.12], "resolution": [224]},
                {"depth": [1.5], "width": [1.47], "resolution": [224]},
                stage_tolerance=0.02,
            ),
            r"one base meet the budgets of all scaling stages at once; none of \d+ bases",
        ),
        (with_menus(macs=10), r"`budget.macs` is too low"),
    ],
)
def test_spaces_that_cannot_be_searched_say_which_bound_is_wrong(space: SearchSpace, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        check_space(space)
