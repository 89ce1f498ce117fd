import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from tests.helpers.networks import MIXED, images


@pytest.fixture(scope="module")
def evaluator() -> SubnetEvaluator:
    return SubnetEvaluator(SuperSupernet(MIXED, seed=0))


def batches(subnet, seeds):
    return [tf.constant(images(MIXED, subnet.resolution, count=32, seed=s)) for s in seeds]


def test_statistics_are_named_and_sized_as_the_plain_model_is(evaluator):
    for step in range(4):
        subnet = draw_subnet(MIXED, 1, step).subnet
        layers = evaluator.recalibrate(subnet, batches(subnet, [0])).by_layer()
        model = build_model(subnet)
        norms = {layer.name: layer for layer in model.layers if layer.name.endswith("_bn")}
        assert set(layers) == set(norms)
        for name, (mean, variance) in layers.items():
            assert mean.shape == variance.shape == norms[name].moving_mean.shape
            assert (variance >= 0).all()


def test_statistics_of_the_first_norm_are_those_of_all_batches_together(evaluator):
    subnet = draw_subnet(MIXED, 1, 0).subnet
    parts = batches(subnet, [0, 1, 2])
    pooled = evaluator.recalibrate(subnet, parts)
    whole = evaluator.recalibrate(subnet, [tf.concat(parts, 0)])
    assert pooled.images == whole.images == 96
    for one, other in zip(pooled.by_layer()["stem_bn"], whole.by_layer()["stem_bn"], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)


def test_recalibration_changes_the_answers(evaluator):
    subnet = draw_subnet(MIXED, 1, 0).subnet
    bright = evaluator.recalibrate(subnet, batches(subnet, [0]))
    dark = evaluator.recalibrate(subnet, [batch / 4 for batch in batches(subnet, [0])])
    batch = batches(subnet, [1])[0]
    assert np.abs(evaluator.logits(bright, batch) - evaluator.logits(dark, batch)).max() > 0.01


def test_accuracy_counts_right_answers(evaluator):
    subnet = draw_subnet(MIXED, 1, 0).subnet
    statistics = evaluator.recalibrate(subnet, batches(subnet, [0]))
    batch = batches(subnet, [1])[0]
    answers = np.argmax(evaluator.logits(statistics, batch), -1)
    wrong = answers.copy()
    wrong[:8] = (wrong[:8] + 1) % MIXED.classes
    assert evaluator.accuracy(statistics, [(batch, answers)]) == 1
    assert evaluator.accuracy(statistics, [(batch, wrong), (batch, answers)]) == 56 / 64


def test_no_images_are_an_error(evaluator):
    subnet = draw_subnet(MIXED, 1, 0).subnet
    with pytest.raises(ScaleNetError, match="at least one batch of images to recalibrate with"):
        evaluator.recalibrate(subnet, [])
    statistics = evaluator.recalibrate(subnet, batches(subnet, [0]))
    with pytest.raises(ScaleNetError, match="at least one image to score"):
        evaluator.accuracy(statistics, [])
