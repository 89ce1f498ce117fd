from __future__ import annotations

import json

import hypothesis.strategies as st
from hypothesis import given

from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search.trial_values import UNUSED, decode, domains, encode

PAPER = load_space("paper")


@given(step=st.integers(0, 10**6))
def test_values_are_json_in_their_domains_and_decode_to_the_same(step: int) -> None:
    draw = draw_subnet(PAPER, seed=0, step=step)
    values = encode(PAPER, draw.scaling_stage, draw.base, draw.scaling)
    declared = domains(PAPER)
    assert list(values) == list(declared)
    assert all(
        values[name] in menu and type(values[name]) is type(menu[0]) for name, menu in declared.items()
    )
    assert decode(PAPER, json.loads(json.dumps(values))) == (draw.scaling_stage, draw.base, draw.scaling)


def test_slots_past_the_depth_read_none() -> None:
    draw = next(d for d in (draw_subnet(PAPER, 0, s) for s in range(100)) if len(d.base.stages[1]) == 2)
    values = encode(PAPER, draw.scaling_stage, draw.base, draw.scaling)
    assert values["stage1_depth"] == 2
    assert values["stage1_op1"] in ("k3e6s", "k5e6s", "k7e6s")
    assert values["stage1_op2"] == values["stage1_op3"] == UNUSED


def test_a_slot_that_is_always_used_cannot_be_none() -> None:
    assert UNUSED not in domains(PAPER)["stage0_op0"]
    assert domains(PAPER)["scaling_stage"] == (0, 1, 2, 3)
