from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.bases import decode, encode
from scalenet_tf.costs.macs import Cost, conv_cost, cost, costs
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale

PAPER = load_space("paper")
FOUND = BaseArchitecture.model_validate(
    {
        "stages": [
            [f"k{kernel}e{6 if stage else 1}s" for kernel in kernels]
            for stage, kernels in enumerate([[5], [5], [7, 7, 5, 3], [5, 5], [7, 7], [7, 5, 7], [5]])
        ]
    }
)


@pytest.mark.parametrize(
    ("scaling", "macs", "parameters"),
    [
        (Scaling.of(1, 1, 224), 354_933_888, 6_686_680),
        (Scaling.of(1.04, 1.04, 256), 805_298_848, 12_437_432),
        (Scaling.of(1.36, 1.2, 304), 1_629_498_934, 17_713_859),
        (Scaling.of(1.4, 1.4, 354), 3_043_777_105, 23_373_274),
    ],
)
def test_the_published_family(scaling: Scaling, macs: int, parameters: int) -> None:
    assert cost(scale(PAPER, FOUND, scaling)) == Cost(macs, parameters)
    assert costs(PAPER, encode(PAPER, [FOUND]), scaling).tolist() == [[macs, parameters]]


@pytest.mark.parametrize("name", ["paper", "medium"])
@given(
    seed=st.integers(0, 2**32),
    depth=st.integers(300, 2500),
    width=st.integers(300, 2500),
    resolution=st.integers(20, 400),
)
def test_many_at_once_equal_one_by_one(name: str, seed: int, depth: int, width: int, resolution: int) -> None:
    space = load_space(name)
    scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
    bases = draw_bases(space, np.random.default_rng(seed), 5)
    single = [cost(scale(space, base, scaling)) for base in decode(space, bases)]
    assert costs(space, bases, scaling).tolist() == [[one.macs, one.parameters] for one in single]


def test_by_hand() -> None:
    """3x3 stem, one block with squeeze-excite at stride 2, one without expansion, on a map of 5."""
    subnet = Subnet.model_validate(
        {
            "resolution": 9,
            "channels": 1,
            "classes": 10,
            "stem_width": 4,
            "stem_stride": 2,
            "stages": [
                {"width": 4, "stride": 1, "ops": ["k3e1"]},
                {"width": 6, "stride": 2, "ops": ["k5e2s"]},
            ],
            "head_width": 16,
            "activation": "relu",
            "squeeze_reduction": 4,
        }
    )
    stem = 25 * 9 * 1 * 4
    first = 25 * (9 * 4) + 25 * (4 * 4)
    second = 25 * (4 * 8) + 9 * (25 * 8) + 2 * (8 * 2) + 9 * (8 * 6)
    head = 9 * 6 * 16 + 16 * 10
    macs = stem + first + second + head
    norms = 2 * (4 + 4 + 4 + 8 + 8 + 6 + 16)
    weights = 36 + (36 + 16) + (32 + 200 + 32 + 2 + 8 + 48) + 96 + 160 + 10
    assert cost(subnet) == Cost(macs, weights + norms)


def test_conv_cost_grows_with_the_map_but_its_weights_do_not() -> None:
    assert conv_cost(7, 3, 2, 5) == Cost(49 * 90, 90 + 10)
    assert conv_cost(14, 3, 2, 5) == Cost(4 * 49 * 90, 100)


@given(st.integers(0, 2**32))
def test_encode_is_the_inverse_of_decode(seed: int) -> None:
    bases = decode(PAPER, draw_bases(PAPER, np.random.default_rng(seed), 4))
    assert decode(PAPER, encode(PAPER, bases)) == bases


def test_no_bases_are_no_costs() -> None:
    nothing = encode(PAPER, [])
    assert len(nothing) == 0 and decode(PAPER, nothing) == []
    assert costs(PAPER, nothing, Scaling.of(1, 1, 224)).shape == (0, 2)


def test_costs_are_exact_beyond_32_bits() -> None:
    wide: SearchSpace = PAPER.model_copy(update={"stem_width": 64})
    scaling = Scaling.of(3, 3, 1000)
    bases = encode(wide, [FOUND])
    assert costs(wide, bases, scaling)[0, 0] == cost(scale(wide, FOUND, scaling)).macs > 2**33
