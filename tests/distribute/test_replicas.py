"""Two replicas that share a global batch do what one device does with all of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas, _lengths
from tests.helpers.sharings import BOTH, SLOT_FIRST


def run_two_replicas(*arguments: str) -> None:
    command = [sys.executable, "-m", "tests.helpers.two_replicas", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr[-4000:]


@SLOT_FIRST
def test_two_replicas_take_the_step_of_one_device(sharing: str) -> None:
    run_two_replicas("equal", sharing, "short", "float32", "1")


@pytest.mark.slow
@BOTH
def test_two_replicas_take_twenty_steps_of_one_device(sharing: str) -> None:
    run_two_replicas("equal", sharing, "mixed", "float64", "20")


@pytest.mark.slow
@BOTH
def test_a_step_reduces_the_bytes_of_its_subnet(sharing: str) -> None:
    run_two_replicas("bytes", sharing, "mixed")  # it has ops of every kind


@pytest.mark.slow
@BOTH
def test_a_step_of_other_spaces_reduces_the_bytes_of_its_subnet(sharing: str) -> None:
    run_two_replicas("bytes", sharing, "small", "medium", "blocks")


def test_one_replica_sums_nothing() -> None:
    assert Replicas.of(tf.distribute.get_strategy()) is ONE
    tensors = [tf.ones([2]), tf.zeros([])]
    assert all(given is summed for given, summed in zip(tensors, ONE.sum(tensors), strict=True))


def test_padding_is_at_most_a_part_in_thirty_two() -> None:
    lengths = _lengths()
    assert (np.diff(lengths) > 0).all() and len(lengths) < 1024
    assert (np.diff(lengths)[1:] <= np.maximum(1, lengths[1:-1] / 32)).all()
    assert lengths[-1] > 1e9
