from __future__ import annotations

import math

import numpy as np
import pytest

from scalenet_tf.search.selection import fitness, ranking, tournament


def test_fitness_is_the_weighted_mean() -> None:
    assert fitness([0.5, 0.7, 0.9], [1, 1, 1]) == pytest.approx(0.7)
    assert fitness([0.5, 0.7, 0.9], [0, 1, 3]) == pytest.approx(0.85)


def test_a_missing_score_is_never_mixed_into_a_mean() -> None:
    assert math.isnan(fitness([0.5, None], [1, 1]))
    assert fitness([0.5, None], [1, 0]) == 0.5


def test_ranking_puts_missing_ones_last_and_keeps_the_order_of_equals() -> None:
    values = np.array([0.5, np.nan, 0.9, 0.5, -1.0, 0.9])
    assert ranking(values).tolist() == [2, 5, 0, 3, 4, 1]


def test_tournament_prefers_the_better_half() -> None:
    values = np.array([0.1, np.nan, 0.3, 0.2])
    winners = np.bincount(tournament(values, np.random.default_rng(0), 16_000), minlength=4) / 1000
    assert winners == pytest.approx([3, 1, 7, 5], rel=0.1)
