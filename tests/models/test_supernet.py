"""A slice of the super-supernet is the plain Keras model of the subnet."""

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.copy_weights import copy_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.recalibration import SubnetEvaluator
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from tests.helpers.networks import MIXED, images


@pytest.fixture(scope="module")
def paper() -> tuple[SuperSupernet, SubnetEvaluator]:
    net = SuperSupernet(load_space("paper").for_data(3, 10), seed=0)
    return net, SubnetEvaluator(net)


def largest_difference(net, evaluator, subnet, dtype="float32", graph=False) -> float:
    """Of the logits after recalibration, relative to the largest one."""
    batches = [tf.constant(images(net.space, subnet.resolution, seed=s, dtype=dtype)) for s in range(2)]
    statistics = evaluator.recalibrate(subnet, batches)
    model = build_model(subnet)
    copy_weights(net, model, statistics)
    expected = model(batches[0]).numpy()
    if graph:
        logits = evaluator.logits(statistics, batches[0]).numpy()
    else:
        logits = net(batches[0], encode_subnet(net.space, subnet), statistics.values).numpy()
    assert expected.std() > 0.01  # it tells images apart
    return np.abs(logits - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("step", range(6))
def test_slices_equal_plain_models_where_ops_are_mixed(step):
    net = SuperSupernet(MIXED, seed=1)
    assert largest_difference(net, SubnetEvaluator(net), draw_subnet(MIXED, 0, step).subnet) <= 1e-5


@pytest.mark.usefixtures("float64")
def test_slices_equal_plain_models_to_nine_digits_in_float64():
    for space in (MIXED, load_space("small")):
        net = SuperSupernet(space, seed=1)
        evaluator = SubnetEvaluator(net)
        for step in range(4):
            subnet = draw_subnet(space, 3, step).subnet
            assert largest_difference(net, evaluator, subnet, "float64", graph=True) <= 1e-9


# The maps of 240 px are even down to 30, then 15 and 8; those of 65 and 33 px are odd throughout.
@pytest.mark.parametrize(("step", "resolution"), [(0, 65), (1, 48), (2, 240), (5, 33)])
def test_slices_equal_plain_models_of_the_papers_space(paper, step, resolution):
    subnet = draw_subnet(paper[0].space, 0, step).subnet.model_copy(update={"resolution": resolution})
    assert largest_difference(*paper, subnet) <= 1e-5
    # A graph rounds otherwise than eager operations do: the Keras model's own differs by up to 4e-5.
    assert largest_difference(*paper, subnet, graph=True) <= 1e-4


def test_one_trace_runs_every_subnet():
    space = load_space("small")
    net = SuperSupernet(space, seed=0)
    evaluator = SubnetEvaluator(net)
    for step in range(12):
        subnet = draw_subnet(space, 5, step).subnet
        batch = tf.constant(images(space, subnet.resolution, count=4 + step))
        evaluator.logits(evaluator.recalibrate(subnet, [batch]), batch)
    assert evaluator._collect.experimental_get_tracing_count() == 1
    assert evaluator._predict.experimental_get_tracing_count() == 1


def test_the_same_seed_gives_the_same_weights():
    first, same, other = (SuperSupernet(MIXED, seed=s).get_weights() for s in (0, 0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_paths_of_weights_are_unique():
    paths = [v.path for v in SuperSupernet(MIXED).trainable_variables]
    assert len(set(paths)) == len(paths)


def test_configuration_round_trip():
    net = SuperSupernet(MIXED, seed=4)
    twin = SuperSupernet.from_config(net.get_config())
    assert twin.space == net.space
    np.testing.assert_array_equal(twin.get_weights()[0], net.get_weights()[0])


def _subnet(**changes):
    return draw_subnet(MIXED, 0, 0).subnet.model_copy(update=changes)


@pytest.mark.parametrize(
    ("subnet", "message"),
    [
        (lambda: _subnet(classes=9), r"`subnet\.classes` must be 7, as in space 'mixed'\. Received: 9"),
        (lambda: _subnet(stem_width=10), r"the stem of `subnet` must be at most 9 wide\. Received: 10"),
        (lambda: _subnet(stages=_subnet().stages[:1]), r"`subnet` must have 2 stages .* Received: 1"),
        (
            lambda: _subnet(
                stages=(_subnet().stages[0].model_copy(update={"ops": ("k3e1s",) * 4}), _subnet().stages[1])
            ),
            r"stage 0 of `subnet` must have at most 3 blocks and stride 1\. Received: 4 blocks, stride 1",
        ),
    ],
)
def test_what_the_supernet_does_not_hold_is_named(subnet, message):
    with pytest.raises(ScaleNetError, match=message):
        encode_subnet(MIXED, subnet())
