"""Weights that members start from: the super-supernet's, or drawn from the run's seed."""

from __future__ import annotations

import numpy as np
import pytest

from scalenet_tf.data import load_data
from scalenet_tf.data.resize import resize
from scalenet_tf.members.initial_weights import copy_recalibrated_weights, initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.models.weights import digest
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.space.scaling import scale
from scalenet_tf.utils import files


def test_weights_depend_on_seed_and_stage_alone(scratch_run: Run) -> None:
    subnet = read_member(scratch_run, 0).subnet
    digests = []
    for seed, stage in ((0, 4), (0, 4), (1, 4), (0, 5)):
        model = build_model(subnet)
        initialize(model, seed, stage)
        digests.append(digest(model))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_variance_is_two_over_the_true_fan_in(scratch_run: Run) -> None:
    subnet = read_member(scratch_run, 0).subnet.model_copy(update={"head_width": 512})
    model = build_model(subnet)
    initialize(model, 0, 0)
    head = model.get_layer("head_conv").kernel.numpy()
    np.testing.assert_allclose(np.std(head), np.sqrt(2 / head.shape[2]), rtol=0.05)
    depthwise = np.concatenate(
        [
            layer.kernel.numpy().ravel() * layer.kernel.shape[0]
            for layer in model.layers
            if layer.name.endswith("depthwise_conv")
        ]
    )
    np.testing.assert_allclose(np.std(depthwise), np.sqrt(2), rtol=0.1)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("count", "used"), [(20, 20), (70, 48)])
def test_inherited_weights_answer_as_the_super_supernet_does(
    searched_run: Run, count: int, used: int
) -> None:
    search = files.read_json(searched_run.search / "result.json")
    space = load_space(searched_run.config.space).for_data(channels=1, classes=10)
    base = BaseArchitecture.model_validate(search["base"])
    scaling = Scaling.model_validate(search["scalings"][1]["scaling"])
    subnet = scale(space, base, scaling)
    supernet = SuperSupernet(space, seed=3)
    data = load_data(searched_run.config.data, 0)
    images = data.calibration_images(count, 0)
    model = build_model(subnet)
    copy_recalibrated_weights(supernet, model, subnet, images, batch_size=24)

    evaluator = SubnetEvaluator(supernet)
    parts = np.split(images[:used], max(1, used // 24))
    statistics = evaluator.recalibrate(subnet, [resize(part, subnet.resolution) for part in parts])
    new, _ = next(iter(data.evaluation_batches("test", resolution=subnet.resolution, batch_size=16)))
    expected = evaluator.logits(statistics, new).numpy()
    np.testing.assert_allclose(model(new, training=False), expected, atol=1e-5 * np.abs(expected).max())
