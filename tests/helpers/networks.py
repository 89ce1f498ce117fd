"""Spaces and images that several tests of networks share."""

import numpy as np

from scalenet_tf.space import SearchSpace, Subnet, SubnetStage

TINY_SPACE = """
name: tiny
channels: 1
classes: 10
stem_width: 8
stem_stride: 1
head_width: 32
width_divisor: 1
stages:
  - {depth: [1, 2], stride: 2, width: 8, ops: {kernel: [3, 5], expansion: [2]}}
  - {depth: [1, 3], stride: 2, width: 16, ops: {kernel: [3, 5], expansion: [2]}}
menus:
  - {depth: [1.0], width: [1.0], resolution: [12]}
  - {depth: [1.0, 1.2, 1.5], width: [1.0, 1.2, 1.4], resolution: [12, 14, 16]}
  - {depth: [1.0, 1.5, 2.0], width: [1.2, 1.4, 1.6], resolution: [14, 16, 18]}
budget: {macs: 85000, base_tolerance: 0.2, stage_tolerance: 0.1}
"""

# Several expansions, squeeze-excite on and off, three kernels: whatever a stage's rows may have to mix.
MIXED = SearchSpace.model_validate(
    {
        "name": "mixed",
        "channels": 2,
        "classes": 7,
        "stem_width": 6,
        "stem_stride": 2,
        "head_width": 20,
        "stages": [
            {"depth": [1, 2], "stride": 1, "width": 5, "ops": ["k3e1s", "k5e1"]},
            {"depth": [1, 3], "stride": 2, "width": 8, "ops": ["k3e2s", "k7e4", "k5e3s"]},
        ],
        "menus": [
            {"depth": [1.0], "width": [1.0], "resolution": [17]},
            {"depth": [1.0, 1.5], "width": [1.2, 1.5], "resolution": [18, 21]},
        ],
        "budget": {"macs": 60000, "base_tolerance": 0.9},
    }
)

# The second stage of MIXED alone, of fewer blocks: its graphs are traced in a third of the time.
SHORT = SearchSpace.model_validate(
    {
        **MIXED.model_dump(mode="json"),
        "name": "short",
        "stages": [{"depth": [1, 2], "stride": 2, "width": 8, "ops": ["k3e2s", "k7e4", "k5e3s"]}],
    }
)

# Every block that ships, as EfficientNetV2 has them: early stages fused, late ones MBConv.
BLOCKS = SearchSpace.model_validate(
    {
        "name": "blocks",
        "channels": 2,
        "classes": 7,
        "stem_width": 6,
        "stem_stride": 2,
        "head_width": 20,
        "stages": [
            {"block": "fused_mbconv", "depth": [1, 2], "stride": 1, "width": 5, "ops": ["k3e1", "k5e1"]},
            {
                "block": "fused_mbconv",
                "depth": [1, 3],
                "stride": 2,
                "width": 8,
                "ops": ["k3e2s", "k5e4", "k3e3"],
            },
            {"block": "residual", "depth": [1, 2], "stride": 2, "width": 9, "ops": {"kernel": [3, 5]}},
            {"depth": [1, 2], "stride": 1, "width": 10, "ops": ["k3e2s", "k5e4"]},
        ],
        "menus": [
            {"depth": [1.0], "width": [1.0], "resolution": [17]},
            {"depth": [1.0, 1.5], "width": [1.2, 1.5], "resolution": [18, 21]},
        ],
        "budget": {"macs": 600000, "base_tolerance": 0.9},
    }
)

TINY_SUBNET = Subnet(
    resolution=12,
    channels=1,
    classes=10,
    stem_width=8,
    stem_stride=2,
    stages=(
        SubnetStage(width=8, stride=1, ops=("k3e1s",)),
        SubnetStage(width=12, stride=2, ops=("k5e2s", "k3e2")),
    ),
    head_width=24,
    activation="hard_silu",
    squeeze_reduction=4,
)


def images(
    space: SearchSpace, resolution: int, count: int = 8, seed: int = 0, dtype: str = "float32"
) -> np.ndarray:
    """Random images in 0…255."""
    shape = (count, resolution, resolution, space.channels)
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(dtype)
