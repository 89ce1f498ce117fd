from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.bases import decode
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases, draw_resolutions, draw_subnet, stage_probabilities
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")


@given(st.integers(0, 2**70), st.integers(0, 10**9))
def test_a_draw_is_pure_and_lies_in_the_space(seed: int, step: int) -> None:
    draw = draw_subnet(PAPER, seed, step)
    assert draw == draw_subnet(PAPER, seed, step)
    assert draw.scaling in PAPER.menus[draw.scaling_stage].scalings()
    assert draw.subnet == scale(PAPER, PAPER.check_base(draw.base), draw.scaling)


@pytest.mark.parametrize("weights", ["widths", "equal", (0, 1, 2, 1)])
@pytest.mark.parametrize("name", ["paper", "medium"])
def test_resolutions_are_those_of_the_draws(weights: Any, name: str) -> None:
    space = load_space(name)
    steps = draw_resolutions(space, 7, 300, weights)
    assert steps.tolist() == [draw_subnet(space, 7, step, weights).scaling.resolution for step in range(300)]


def global_state() -> list[Any]:
    return [np.asarray(part).tolist() for part in np.random.get_state(legacy=True)]


def test_a_draw_is_equal_in_another_process_and_leaves_global_generators_alone() -> None:
    before = global_state()
    ours = [draw_subnet(PAPER, 5, step).subnet.key for step in range(20)]
    assert global_state() == before
    code = (
        "import numpy, random; numpy.random.seed(1); random.seed(1);"
        "from scalenet_tf.presets import load_space; from scalenet_tf.sampling import draw_subnet;"
        "print(*(draw_subnet(load_space('paper'), 5, step).subnet.key for step in range(20)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ours


def test_seeds_and_steps_share_nothing() -> None:
    keys = [draw_subnet(PAPER, seed, step).subnet.key for seed in range(10) for step in range(10)]
    assert len(set(keys)) == 100


def test_the_shares_are_those_of_the_method() -> None:
    draws = [draw_subnet(PAPER, 0, step) for step in range(6_800)]
    stages = Counter(draw.scaling_stage for draw in draws)
    widths = Counter(draw.scaling.width_thousandths for draw in draws)
    assert [stages[stage] / 400 for stage in range(4)] == pytest.approx([1, 4, 5, 7], rel=0.12)
    assert len(widths) == 17 and all(abs(count - 400) < 100 for count in widths.values())
    depths = Counter(len(draw.base.stages[2]) for draw in draws)
    assert [depths[n] / 1700 for n in (1, 2, 3, 4)] == pytest.approx([1] * 4, rel=0.06)
    kernels = Counter(draw.base.stages[3][0].kernel for draw in draws)
    assert [kernels[k] / 2267 for k in (3, 5, 7)] == pytest.approx([1] * 3, rel=0.06)
    # Depth and width multipliers are drawn apart from each other.
    third = [draw.scaling for draw in draws if draw.scaling_stage == 3]
    depth, width = np.array([[s.depth_thousandths, s.width_thousandths] for s in third]).T
    assert abs(np.corrcoef(depth, width)[0, 1]) < 0.08


def test_resolutions_of_a_long_training_have_the_methods_marginals() -> None:
    counts = Counter(draw_resolutions(PAPER, 1, 750_000).tolist())
    expected = {224: 1 / 17 + 4 / 51, 256: 4 / 51, 272: 5 / 51, 354: 7 / 51}
    assert {side: counts[side] / 750_000 for side in expected} == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    "wrong", ["width", (1.0,), (1, 1, 1, -1), (0, 0, 0, 0), (1, 1, 1, float("nan")), (1, 1, 1, float("inf"))]
)
def test_wrong_stage_weights(wrong: Any) -> None:
    with pytest.raises(ScaleNetError, match=r"`stage_weights` must .*Received"):
        draw_subnet(PAPER, 0, 0, wrong)


def test_a_stage_of_weight_zero_is_never_drawn() -> None:
    assert stage_probabilities(PAPER, (0, 3, 0, 1)).tolist() == [0, 0.75, 0, 0.25]
    assert {draw_subnet(PAPER, 0, step, (0, 3, 0, 1)).scaling_stage for step in range(300)} == {1, 3}


def test_bases_are_drawn_as_hss_draws_them() -> None:
    bases = draw_bases(PAPER, np.random.default_rng(0), 20_000)
    assert np.bincount(bases.depth[:, 3])[1:] / 5000 == pytest.approx([1] * 4, rel=0.06)
    assert all(PAPER.check_base(base) for base in decode(PAPER, bases[:200]))
    again = draw_bases(PAPER, np.random.default_rng(0), 20_000)
    assert (again.depth == bases.depth).all() and (again.ops == bases.ops).all()
