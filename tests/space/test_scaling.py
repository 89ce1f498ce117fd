from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")
scalings = st.builds(
    Scaling,
    depth_thousandths=st.integers(200, 3000),
    width_thousandths=st.integers(200, 3000),
    resolution=st.integers(32, 600),
)


@given(st.integers(0, 10**6), scalings, st.sampled_from([1, 4, 8]))
def test_every_rule(step: int, scaling: Scaling, divisor: int) -> None:
    space = PAPER.model_copy(update={"width_divisor": divisor})
    base = draw_subnet(space, 0, step).base
    subnet = scale(space, base, scaling)
    depth = Fraction(scaling.depth_thousandths, 1000)
    width = Fraction(scaling.width_thousandths, 1000)
    for ops, own, stage in zip(base.stages, space.stages, subnet.stages, strict=True):
        assert len(stage.ops) == math.ceil(len(ops) * depth)
        assert stage.ops[: len(ops)] == ops[: len(stage.ops)]
        assert set(stage.ops[len(ops) :]) <= {ops[-1]}
        assert stage.width % divisor == 0 and 0 <= stage.width - own.width * width < divisor
        assert stage.stride == own.stride
    assert 0 <= subnet.stem_width - space.stem_width * width < divisor
    assert (subnet.head_width, subnet.resolution) == (space.head_width, scaling.resolution)
    assert subnet.num_blocks == sum(len(stage.ops) for stage in subnet.stages)


def test_the_identity() -> None:
    base = draw_subnet(PAPER, 0, 1).base
    subnet = scale(PAPER, base, Scaling.of(1, 1, 224))
    assert tuple(stage.ops for stage in subnet.stages) == base.stages
    assert [stage.width for stage in subnet.stages] == [stage.width for stage in PAPER.stages]


def test_a_foreign_base_is_refused() -> None:
    base = BaseArchitecture.model_validate({"stages": [["k3e6s"]]})
    with pytest.raises(ScaleNetError, match="`base` must have 7 stages"):
        scale(PAPER, base, Scaling.of(1, 1, 224))
