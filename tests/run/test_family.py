"""family.json read by stage."""

from __future__ import annotations

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member


def test_reads_the_member_of_a_stage(searched_run: Run) -> None:
    from scalenet_tf.costs.macs import cost
    from scalenet_tf.extrapolation.step import write_family

    write_family(searched_run)
    for stage in range(4):
        member = read_member(searched_run, stage)
        assert (member.name, member.stage) == (f"s{stage}", stage)
        assert cost(member.subnet).macs == member.macs


def test_an_unsettled_family_names_the_command(searched_run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"no family\.json yet.*scalenet scale --run "):
        read_member(searched_run, 0)


def test_an_unknown_stage_names_the_known_ones(scratch_run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"one of the family's scaling stages \[0\]\. Received: 7"):
        read_member(scratch_run, 7)
