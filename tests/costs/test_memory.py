"""Peak activation memory against the layers of built Keras models."""

from __future__ import annotations

import itertools
import math

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.count_models import count
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.costs.memory import memory_range, peak_memories, peak_memory
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases, draw_subnet
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale
from tests.helpers.networks import MIXED

# What writes over its first input; a padded map is the map itself, read with a border.
IN_PLACE = (
    keras.layers.Rescaling,
    keras.layers.BatchNormalization,
    keras.layers.Activation,
    keras.layers.Reshape,
    keras.layers.Multiply,
    keras.layers.ZeroPadding2D,
)


def walked(model: keras.Model) -> int:
    """Bytes alive at the worst layer: every buffer from the layer that makes it to the last that reads it."""
    buffer_of: dict[int, int] = {}  # tensor -> buffer
    numbers: list[int] = []  # of each buffer
    born: list[int] = []
    dies: list[int] = []
    for time, layer in enumerate(model.layers):
        node = layer._inbound_nodes[0]
        inputs = [buffer_of[id(tensor)] for tensor in node.input_tensors]
        for buffer in inputs:
            dies[buffer] = time
        output = node.output_tensors[0]
        if isinstance(layer, IN_PLACE):
            buffer_of[id(output)] = inputs[0]
        elif isinstance(layer, keras.layers.Add):
            buffer_of[id(output)] = inputs[1]  # onto the block's result
        else:
            buffer_of[id(output)] = len(numbers)
            numbers.append(math.prod(output.shape[1:]))
            born.append(time)
            dies.append(time)
    alive = [
        sum(n for n, b, d in zip(numbers, born, dies, strict=True) if b <= time <= d)
        for time in range(len(model.layers))
    ]
    return 4 * max(alive)


def models_of(space: SearchSpace, count: int) -> list[Subnet]:
    return [draw_subnet(space, 3, step).subnet for step in range(count)]


@pytest.mark.parametrize("space", [load_space("paper"), load_space("small"), MIXED], ids=lambda s: s.name)
def test_peaks_and_costs_equal_those_of_built_models(space: SearchSpace) -> None:
    from scalenet_tf.models.plain import build_model

    for subnet in models_of(space, 2):
        model = build_model(subnet)
        assert peak_memory(subnet) == walked(model)
        assert count(model) == cost(subnet)


def test_every_kind_of_layer_can_be_the_worst_one() -> None:
    """Networks whose peak is in the stem, an expansion, a depthwise, a gate, a projection, the ends."""
    from scalenet_tf.models.plain import build_model

    common = {"channels": 3, "classes": 5, "stem_stride": 2, "activation": "relu", "squeeze_reduction": 1}

    def net(**own: object) -> Subnet:
        return Subnet.model_validate({**common, **own})

    def stage(width: int, stride: int, *ops: str) -> dict[str, object]:
        return {"width": width, "stride": stride, "ops": ops}

    nets = {
        "stem": net(resolution=16, stem_width=4, stages=[stage(4, 2, "k3e1")], head_width=4),
        "expansion": net(resolution=16, stem_width=9, stages=[stage(4, 2, "k3e4")], head_width=4),
        "depthwise": net(resolution=16, stem_width=9, stages=[stage(9, 1, "k3e4", "k3e4")], head_width=4),
        "gate": net(resolution=2, stem_width=9, stages=[stage(9, 1, "k3e9s", "k3e9s")], head_width=4),
        "projection": net(resolution=16, stem_width=9, stages=[stage(90, 1, "k3e1", "k3e1")], head_width=4),
        "head": net(resolution=16, stem_width=4, stages=[stage(4, 1, "k3e1")], head_width=900),
        "classifier": net(
            resolution=2, stem_width=1, stages=[stage(1, 1, "k3e1")], head_width=40, classes=900
        ),
    }
    for name, subnet in nets.items():
        assert peak_memory(subnet) == walked(build_model(subnet)), name
    assert peak_memory(nets["stem"]) == 4 * (16 * 16 * 3 + 8 * 8 * 4)
    assert peak_memory(nets["depthwise"]) == 4 * 64 * (9 + 36 + 36)
    assert peak_memory(nets["gate"]) == 4 * (9 + 81 + 81 + 81)
    assert peak_memory(nets["projection"]) == 4 * 64 * (90 + 90 + 90)
    assert peak_memory(nets["classifier"]) == 4 * (40 + 900)


@pytest.mark.parametrize("space", [load_space("paper"), load_space("small"), MIXED], ids=lambda s: s.name)
@given(
    seed=st.integers(0, 2**32),
    depth=st.integers(300, 2500),
    width=st.integers(300, 2500),
    resolution=st.integers(20, 400),
)
def test_many_at_once_equal_one_by_one(
    space: SearchSpace, seed: int, depth: int, width: int, resolution: int
) -> None:
    scaling = Scaling(depth_thousandths=depth, width_thousandths=width, resolution=resolution)
    bases = draw_bases(space, np.random.default_rng(seed), 5)
    single = [peak_memory(scale(space, base, scaling)) for base in decode(space, bases)]
    assert peak_memories(space, bases, scaling).tolist() == single
    least, most = memory_range(space, scaling)
    assert least <= min(single) and max(single) <= most


@pytest.mark.parametrize(
    "scaling", [Scaling.of(1, 1, 17), Scaling.of(2, 1, 9), Scaling.of(0.3, 2, 4)], ids=str
)
@pytest.mark.parametrize("least_depth", [1, 2])
def test_the_range_is_exact(scaling: Scaling, least_depth: int) -> None:
    first, second = MIXED.stages
    for deepest in (least_depth, 3):
        second = second.model_copy(update={"depth": (least_depth, deepest)})
        space = MIXED.model_copy(update={"stages": (first.model_copy(update={"depth": (1, 1)}), second)})
        ops = [
            [
                choice
                for n in range(part.depth[0], part.depth[1] + 1)
                for choice in itertools.product(part.ops, repeat=n)
            ]
            for part in space.stages
        ]
        peaks = [
            peak_memory(scale(space, BaseArchitecture(stages=stages), scaling))
            for stages in itertools.product(*ops)
        ]
        assert memory_range(space, scaling) == (min(peaks), max(peaks))
        assert len(set(peaks)) > 1 or scaling.resolution > 9
