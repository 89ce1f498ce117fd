"""Bilateral coupling: every other step is a plain step of the super-supernet seen in a mirror."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.checks import check_run
from scalenet_tf.config import RunConfig, Sharing, SupernetConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.op import Op
from scalenet_tf.training.ema import WeightAverage
from scalenet_tf.training.sandwich import make_draw_step
from scalenet_tf.training.train_step import StepParts, make_optimizer
from tests.helpers.networks import BLOCKS, MIXED, images
from tests.helpers.sharings import SLOT_FIRST

STRATEGY = tf.distribute.get_strategy()
SPACE = SearchSpace.model_validate(
    {
        **MIXED.model_dump(mode="json"),
        "name": "coupled",
        "stages": [
            {"depth": [1, 2], "stride": 1, "width": 5, "ops": ["k3e1s", "k5e1"]},
            {"depth": [1, 3], "stride": 2, "width": 8, "ops": ["k3e3s", "k7e3", "k5e3s"]},
        ],
    }
)
OTHER_BLOCKS = SearchSpace.model_validate(
    {
        **MIXED.model_dump(mode="json"),
        "name": "other blocks",
        "stages": [
            {"depth": [1, 2], "stride": 1, "width": 5, "block": "fused_mbconv", "ops": ["k3e3s", "k5e3"]},
            {"depth": [1, 3], "stride": 2, "width": 8, "block": "residual", "ops": ["k3", "k5"]},
        ],
    }
)
LABELS = tf.TensorSpec([8], tf.int32)


def pixels_spec(dtype: str = "float64") -> tf.TensorSpec:
    return tf.TensorSpec([8, None, None, SPACE.channels], dtype)


class Trainer:
    def __init__(self, sharing: Sharing, space: SearchSpace = SPACE, **config: Any):
        self.net = SuperSupernet(space, seed=0, sharing=sharing)
        settings = SupernetConfig(batch_size=8, ema_decay=0.9, **config)
        self.optimizer = make_optimizer(self.net, settings)
        self.average = WeightAverage(self.net.trainable_variables, settings.ema_decay)
        self.parts = StepParts(self.net, self.optimizer, STRATEGY, settings, self.average)
        self._step = make_draw_step(self.parts, (pixels_spec(), LABELS))

    def step(self, number: int) -> None:
        space = self.net.space
        draw = draw_subnet(space, 0, number)
        labels = np.random.default_rng(number).integers(0, space.classes, 8)
        pixels = tf.constant(images(space, draw.subnet.resolution, seed=number, dtype="float64"))
        self._step(pixels, tf.constant(labels, tf.int32), draw, tf.constant(0.1))

    def variables(self) -> dict[str, Any]:
        found = {}
        for weight in self.net.trainable_variables:
            parts = {"": weight, "/momentum": self.optimizer.slots[weight.path]}
            parts |= {"/average": self.average.values[weight.path], "/uses": self.average.uses[weight.path]}
            found |= {weight.path + name: part for name, part in parts.items()}
        return found

    def mirror(self) -> None:
        """Turns round the channels of everything, but those that no subnet is narrower in."""
        for path, variable in self.variables().items():
            value = variable.numpy()
            if path.startswith(("classifier", "head_bn")):
                continue
            axes = [-1] if len(value.shape) < 5 and "squeeze" not in path else [-2, -1]
            if path.startswith("stem/"):
                axes = [-1]
            elif path.startswith("head/"):
                axes = [-2]
            elif "bias" in path:
                axes = [-1]
            variable.assign(np.flip(value, axes))


@SLOT_FIRST
@pytest.mark.parametrize("space", [SPACE, pytest.param(OTHER_BLOCKS, marks=pytest.mark.slow)])
@pytest.mark.usefixtures("eager", "float64")
def test_steps_take_the_leading_and_the_trailing_channels_in_turn(
    sharing: Sharing, space: SearchSpace
) -> None:
    coupled, plain = Trainer(sharing, space, bilateral_coupling=True), Trainer(sharing, space)
    for number in range(4):
        coupled.step(number)
        if number % 2:
            plain.mirror()
        plain.step(number)
        if number % 2:
            plain.mirror()
        for path, variable in plain.variables().items():
            ours = coupled.variables()[path].numpy()
            np.testing.assert_allclose(ours, variable.numpy(), rtol=0, atol=1e-9, err_msg=path)


@SLOT_FIRST
def test_ops_of_several_expansions_are_refused_before_the_training(sharing: Sharing) -> None:
    config = RunConfig(supernet=SupernetConfig(bilateral_coupling=True, sharing=sharing))
    check_run(config, load_space("small"), 10_000)
    small = load_space("small")
    stage = small.stages[1].model_copy(update={"ops": (Op(kernel=3, expansion=4), Op(kernel=3, expansion=6))})
    wide = small.model_copy(update={"stages": (small.stages[0], stage, small.stages[2])})
    with pytest.raises(
        ScaleNetError, match=r"equal expansion in each stage.*stage 1 has expansions \[4, 6\]"
    ):
        check_run(config, wide, 10_000)


def test_ops_of_several_widths_between_their_layers_are_refused() -> None:
    config = RunConfig(supernet=SupernetConfig(bilateral_coupling=True))
    with pytest.raises(ScaleNetError, match=r"space 'blocks', whose stage 1 has expansions \[2, 3, 4\]"):
        check_run(config, BLOCKS, 10_000)


def test_static_shapes_are_refused() -> None:
    net = SuperSupernet(SPACE, seed=0)
    settings = SupernetConfig(batch_size=8, bilateral_coupling=True)
    parts = StepParts(net, make_optimizer(net, settings), STRATEGY, settings, static=True)
    with pytest.raises(ScaleNetError, match=r"bilateral_coupling` has no program of static shapes"):
        make_draw_step(parts, (pixels_spec("float32"), LABELS))
