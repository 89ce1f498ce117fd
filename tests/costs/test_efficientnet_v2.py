"""EfficientNetV2-S as a space describes it has the parameters of the published network."""

from __future__ import annotations

import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.space import Subnet, SubnetStage
from scalenet_tf.space.block_layers import SqueezeExcite
from scalenet_tf.space.blocks import layout

# Width, stride, op and depth of each stage (Tan and Le, 2021, table 4).
STAGES = (
    (24, 1, "fused_mbconv:k3e1", 2),
    (48, 2, "fused_mbconv:k3e4", 4),
    (64, 2, "fused_mbconv:k3e4", 4),
    (128, 2, "k3e4s", 6),
    (160, 1, "k3e6s", 9),
    (256, 2, "k3e6s", 15),
)
NETWORK = Subnet(
    resolution=384,
    channels=3,
    classes=1000,
    stem_width=24,
    stem_stride=2,
    stages=tuple(
        SubnetStage.model_validate({"width": width, "stride": stride, "ops": [op] * depth})
        for width, stride, op, depth in STAGES
    ),
    head_width=1280,
    activation="silu",
    squeeze_reduction=24,
)
TRAINABLE = 21_458_488


def test_the_parameters_are_those_of_the_published_network() -> None:
    """Its squeeze widths are a quarter of a block's input, ours a part of its hidden channels."""
    difference = 0
    for block in layout(NETWORK).blocks:
        for placed in block.layers:
            if isinstance(placed.layer, SqueezeExcite):
                theirs = block.in_width // 4
                difference += (theirs - placed.squeeze) * (2 * placed.width + 1)
    assert cost(NETWORK).parameters + difference == TRAINABLE
    assert cost(NETWORK).macs == pytest.approx(8.4e9, rel=0.01)


@pytest.mark.slow
def test_keras_own_network_has_that_many() -> None:
    import keras

    model = keras.applications.EfficientNetV2S(weights=None)
    assert sum(weight.value.numpy().size for weight in model.trainable_weights) == TRAINABLE
