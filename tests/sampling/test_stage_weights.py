"""Stage probabilities by inverse cost, and by the number of resolutions."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_resolutions, draw_subnet, mean_macs, stage_probabilities


@pytest.mark.parametrize("name", ["paper", "small"])
def test_by_cost_each_stage_gets_the_same_share_of_multiply_adds(name: str) -> None:
    space = load_space(name)
    probabilities = stage_probabilities(space, "cost")
    shares = probabilities * [mean_macs(space, stage) for stage in range(len(space.menus))]
    np.testing.assert_allclose(shares, shares[0], rtol=1e-12)
    assert probabilities.sum() == pytest.approx(1)
    assert list(probabilities) == sorted(probabilities, reverse=True)


def test_draws_follow_them() -> None:
    space = load_space("small")
    draws = [draw_subnet(space, 0, step, "cost") for step in range(8000)]
    spent = Counter[int]()
    for draw in draws:
        spent[draw.scaling_stage] += cost(draw.subnet).macs
    total = sum(spent.values())
    assert [spent[stage] / total for stage in range(4)] == pytest.approx([0.25] * 4, rel=0.06)
    resolutions = draw_resolutions(space, 0, 300, "cost")
    assert resolutions.tolist() == [draw.subnet.resolution for draw in draws[:300]]


@pytest.mark.parametrize("name", ["paper", "small"])
def test_by_resolutions_all_resolutions_are_equally_frequent(name: str) -> None:
    space = load_space(name)
    drawn = Counter(draw_resolutions(space, 0, 30_000, "resolutions").tolist())
    menus = {resolution for menu in space.menus for resolution in menu.resolution}
    assert set(drawn) == menus
    assert [count / 30_000 for count in drawn.values()] == pytest.approx(
        [1 / len(menus)] * len(menus), rel=0.05
    )
    probabilities = stage_probabilities(space, "resolutions")
    assert probabilities.sum() == pytest.approx(1)
    draws = [draw_subnet(space, 0, step, "resolutions") for step in range(2000)]
    assert [draw.subnet.resolution for draw in draws] == draw_resolutions(
        space, 0, 2000, "resolutions"
    ).tolist()
    stages = Counter(draw.scaling_stage for draw in draws)
    for stage, probability in enumerate(probabilities):
        assert stages[stage] / 2000 == pytest.approx(probability, abs=0.03)
