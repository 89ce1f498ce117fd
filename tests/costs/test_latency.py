from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.blocks import shapes_of_subnet
from scalenet_tf.costs.latency import blocks_ms, check_table, latencies, predict_ms, table_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases, draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.scaling import scale
from tests.helpers.made_up import made_up_table
from tests.helpers.networks import MIXED

SMALL = load_space("small")


def with_table(space: SearchSpace) -> SearchSpace:
    budget = space.budget.model_copy(update={"latency": made_up_table(space)})
    return space.model_copy(update={"budget": budget})


@given(st.integers(0, 2**32), st.sampled_from([SMALL, MIXED]))
def test_many_bases_at_once_are_predicted_as_one_by_one(seed: int, plain: SearchSpace) -> None:
    space = with_table(plain)
    table = table_of(space)
    scalings = space.menus[seed % len(space.menus)].scalings()
    scaling = scalings[seed % len(scalings)]
    bases = draw_bases(space, np.random.default_rng(seed), 6)
    subnets = [scale(space, base, scaling) for base in decode(space, bases)]
    one_by_one = [0.25 + 1.5 * blocks_ms(table, subnet) for subnet in subnets]
    assert [predict_ms(table, subnet) for subnet in subnets] == pytest.approx(one_by_one)
    assert latencies(space, bases, scaling) == pytest.approx(one_by_one)


def test_blocks_that_no_base_has_at_a_scaling_need_not_be_measured() -> None:
    """The paper's first stage has one block at S0, so a finished table holds no later block for it."""
    paper = with_table(load_space("paper"))
    bases = draw_bases(paper, np.random.default_rng(0), 4)
    (scaling,) = paper.menus[0].scalings()
    subnets = [scale(paper, base, scaling) for base in decode(paper, bases)]
    one_by_one = [predict_ms(table_of(paper), subnet) for subnet in subnets]
    assert latencies(paper, bases, scaling) == pytest.approx(one_by_one)


def test_a_block_that_was_not_measured_is_named() -> None:
    subnet = draw_subnet(SMALL, 0, 0).subnet
    table = made_up_table(SMALL)
    lost = shapes_of_subnet(subnet)[1]
    blocks = {name: time for name, time in table.blocks.items() if name != lost}
    less = table.model_copy(update={"blocks": blocks})
    check_table(table, SMALL)
    message = f"no block '{lost}'. Measure the space's own with: scalenet profile blocks"
    with pytest.raises(ScaleNetError, match=message.replace(".", r"\.")):
        predict_ms(less, subnet)
    with pytest.raises(ScaleNetError, match=r"lacks 1 blocks .*'small'.* of 1 channels and 10 classes: k"):
        check_table(less, SMALL)
    with pytest.raises(ScaleNetError, match=r"for images of 3 channels and 7 classes: stem .*; …"):
        check_table(table, SMALL.for_data(3, 7))


def test_a_table_of_another_space_or_none_or_an_unfinished_one_is_refused() -> None:
    table = made_up_table(SMALL)
    with pytest.raises(ScaleNetError, match=r"must have the `activation` .*'relu'. Received: 'silu'"):
        check_table(table.model_copy(update={"activation": "silu"}), SMALL)
    bases = draw_bases(SMALL, np.random.default_rng(0), 1)
    scaling = SMALL.menus[0].scalings()[0]
    with pytest.raises(ScaleNetError, match=r"needs a latency table, which space 'small' has none of"):
        latencies(SMALL, bases, scaling)
    unfinished = table.model_copy(update={"calibration": None})
    with pytest.raises(ScaleNetError, match=r"is not finished: .* Give the same command again"):
        predict_ms(unfinished, draw_subnet(SMALL, 0, 0).subnet)
