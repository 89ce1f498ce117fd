from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.data.order import RandomStream, Share, epoch_rows, stratified_split
from scalenet_tf.errors import ScaleNetError


@given(
    counts=st.lists(st.integers(2, 60), min_size=1, max_size=5),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 9),
)
def test_split_is_disjoint_whole_and_stratified(counts: list[int], fraction: float, seed: int) -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    rest, part = stratified_split(labels, fraction, seed, RandomStream.TEST_SPLIT)
    assert sorted([*rest, *part]) == list(range(len(labels)))
    for label, count in enumerate(counts):
        of_part = (labels[part] == label).sum()
        assert 1 <= of_part < count
        assert abs(of_part - fraction * count) <= 1
    again = stratified_split(labels, fraction, seed, RandomStream.TEST_SPLIT)
    np.testing.assert_array_equal(part, again[1])


def test_split_depends_on_seed_and_stream() -> None:
    labels = np.arange(100) % 2
    parts = [
        tuple(stratified_split(labels, 0.3, seed, stream)[1])
        for seed, stream in [
            (0, RandomStream.TEST_SPLIT),
            (1, RandomStream.TEST_SPLIT),
            (0, RandomStream.VALIDATION_SPLIT),
        ]
    ]
    assert len(set(parts)) == 3


def test_split_of_a_lone_image_says_what_to_do() -> None:
    with pytest.raises(ScaleNetError, match=r"Class 1 has 1\. Give more images of it"):
        stratified_split(np.array([0, 0, 0, 1]), 0.2, 0, RandomStream.TEST_SPLIT)


def test_an_epoch_holds_each_row_once_and_the_next_another_order() -> None:
    rows = np.arange(100, 150)
    first, second = (epoch_rows(rows, 0, epoch, Share(8)) for epoch in (0, 1))
    assert first.shape == (6, 8)
    assert len(np.unique(first)) == 48
    assert set(first.ravel()) <= set(rows)
    assert (first != second).any()


@pytest.mark.parametrize(("pipelines", "replicas"), [(1, 4), (2, 4), (4, 4)])
def test_shares_join_to_the_global_batch(pipelines: int, replicas: int) -> None:
    rows = np.arange(50)
    whole = epoch_rows(rows, 0, 3, Share(16))
    shares = []
    for pipeline in range(pipelines):
        share = Share.of(16, tf.distribute.InputContext(pipelines, pipeline, replicas))
        part = epoch_rows(rows, 0, 3, share)
        assert part.shape == (len(whole) * replicas // pipelines, 16 // replicas)
        shares.append(part.reshape(len(whole), -1))
    np.testing.assert_array_equal(np.concatenate(shares, axis=1), whole)


def test_a_batch_that_replicas_cannot_share_is_refused() -> None:
    with pytest.raises(
        ScaleNetError, match=r"`batch_size` must be a multiple of the 4 replicas\. Received: 10"
    ):
        Share.of(10, tf.distribute.InputContext(1, 0, 4))
