from __future__ import annotations

import pytest

from scalenet_tf.members.compiled import strategy_of_members


@pytest.mark.parametrize("name", ["auto", "multi_worker", "tpu"])
def test_a_member_trains_on_all_gpus_unless_it_accumulates(name: str) -> None:
    assert strategy_of_members(name, 4, accumulates=False) == "mirrored"
    assert strategy_of_members(name, 4, accumulates=True) == "one_device"
    assert strategy_of_members(name, 1, accumulates=False) == "one_device"
    assert strategy_of_members(name, 0, accumulates=True) == "one_device"


@pytest.mark.parametrize("name", ["one_device", "mirrored"])
@pytest.mark.parametrize("gpus", [0, 1, 4])
def test_a_strategy_that_is_named_is_taken(name: str, gpus: int) -> None:
    assert strategy_of_members(name, gpus, accumulates=False) == name
    assert strategy_of_members(name, gpus, accumulates=True) == name
