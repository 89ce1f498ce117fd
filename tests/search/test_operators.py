from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.bases import decode, encode, genotypes, new_only
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.search.operators import crossover, fitness, mutate, ranking, tournament

PAPER = load_space("paper")
rates = st.sampled_from([0.0, 0.1, 0.5, 1.0])
seeds = st.integers(0, 2**32)


@given(seeds, rates)
def test_children_lie_in_the_space(seed: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    mothers, fathers = draw_bases(PAPER, rng, 20), draw_bases(PAPER, rng, 20)
    for child in decode(PAPER, mutate(PAPER, crossover(mothers, fathers, rng, rate), rng, rate)):
        PAPER.check_base(child)


@given(seeds)
def test_crossover_takes_whole_stages_of_either_parent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mothers, fathers = draw_bases(PAPER, rng, 20), draw_bases(PAPER, rng, 20)
    children = decode(PAPER, crossover(mothers, fathers, rng, 1.0))
    for child, mother, father in zip(children, decode(PAPER, mothers), decode(PAPER, fathers), strict=True):
        for ours, hers, his in zip(child.stages, mother.stages, father.stages, strict=True):
            assert ours in (hers, his)
    assert children != decode(PAPER, mothers)


def test_rate_zero_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    parents, others = draw_bases(PAPER, rng, 50), draw_bases(PAPER, rng, 50)
    children = mutate(PAPER, crossover(parents, others, rng, 0.0), rng, 0.0)
    assert decode(PAPER, children) == decode(PAPER, parents)


def test_rate_one_changes_every_gene_that_can_change() -> None:
    parents = draw_bases(PAPER, np.random.default_rng(0), 50)
    children = mutate(PAPER, parents, np.random.default_rng(1), 1.0)
    fixed = [0, 6]  # stages of one depth
    assert (children.depth[:, fixed] == 1).all()
    assert (np.delete(children.depth, fixed, 1) != np.delete(parents.depth, fixed, 1)).all()
    assert (children.ops[:, :, 0] != parents.ops[:, :, 0]).all()


def test_the_share_of_mutated_genes_is_the_rate() -> None:
    parents = draw_bases(PAPER, np.random.default_rng(0), 5000)
    children = mutate(PAPER, parents, np.random.default_rng(1), 0.1)
    assert abs((children.ops[:, :, 0] != parents.ops[:, :, 0]).mean() - 0.1) < 0.01
    assert abs((children.depth[:, 1:6] != parents.depth[:, 1:6]).mean() - 0.1) < 0.01


def test_blocks_that_a_deeper_child_adds_are_drawn_from_the_whole_menu() -> None:
    shallow = encode(PAPER, decode(PAPER, draw_bases(PAPER, np.random.default_rng(0), 1)))
    parents = shallow[np.zeros(3000, np.int64)]
    parents.depth[:] = 1
    children = mutate(PAPER, parents, np.random.default_rng(1), 0.5)
    added = children.ops[children.depth[:, 3] > 1, 3, 1]
    assert np.bincount(added, minlength=3).min() > len(added) / 4


@given(seeds)
def test_genotypes_are_equal_if_and_only_if_bases_are(seed: int) -> None:
    bases = draw_bases(PAPER, np.random.default_rng(seed), 4)
    hidden = bases.ops.copy()
    hidden[np.arange(4) >= bases.depth[:, :, None]] = 2
    same = type(bases)(bases.depth, hidden)
    assert genotypes(same) == genotypes(bases)
    assert len(set(genotypes(bases))) == len(set(decode(PAPER, bases)))


def test_new_only_keeps_the_first_of_each() -> None:
    bases = draw_bases(PAPER, np.random.default_rng(0), 5)
    seen = set(genotypes(bases[:1]))
    kept = new_only(bases[np.array([0, 3, 3, 2, 0, 3])], seen)
    assert decode(PAPER, kept) == [decode(PAPER, bases)[index] for index in (3, 2)]
    assert len(seen) == 3 and len(new_only(bases[2:4], seen)) == 0


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
