"""A slice of the super-supernet is the plain Keras model of the subnet."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.inherited_weights import copy_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import Op
from tests.helpers.agreement import differences
from tests.helpers.networks import MIXED, images
from tests.helpers.sharings import BOTH, SLOT_FIRST


@functools.cache
def of_the_paper(sharing) -> tuple[SuperSupernet, SubnetEvaluator]:
    net = SuperSupernet(load_space("paper").for_data(3, 10), seed=0, sharing=sharing)
    return net, SubnetEvaluator(net)


@functools.cache
def of_mixed_ops(sharing) -> SuperSupernet:
    return SuperSupernet(MIXED, seed=1, sharing=sharing)


def largest_difference(net, evaluator, subnet, dtype="float32", graph=False, count=8) -> float:
    """Of the logits after recalibration, relative to the largest one."""
    batches = [
        tf.constant(images(net.space, subnet.resolution, count=count, seed=s, dtype=dtype)) for s in range(2)
    ]
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


@SLOT_FIRST
@pytest.mark.parametrize("step", range(6))
@pytest.mark.usefixtures("eager")
def test_slices_equal_plain_models_where_ops_are_mixed(step, sharing):
    net = of_mixed_ops(sharing)
    assert largest_difference(net, SubnetEvaluator(net), draw_subnet(MIXED, 0, step).subnet) <= 1e-5


@SLOT_FIRST
@pytest.mark.parametrize("space", [MIXED, pytest.param(load_space("small"), marks=pytest.mark.slow)])
@pytest.mark.usefixtures("float64")
def test_slices_equal_plain_models_to_nine_digits_in_float64_by_one_trace(space, sharing):
    net = SuperSupernet(space, seed=1, sharing=sharing)
    evaluator = SubnetEvaluator(net)
    for step in range(4):
        subnet = draw_subnet(space, 3, step).subnet
        # Batches of another size are traced no second time either.
        assert largest_difference(net, evaluator, subnet, "float64", graph=True, count=8 + step) <= 1e-9
    assert [one.experimental_get_tracing_count() for one in evaluator.functions] == [1, 1]


# The maps of 240 px are even down to 30, then 15 and 8; those of 65 and 33 px are odd throughout.
@pytest.mark.parametrize(
    ("step", "resolution", "sharing"),
    [
        (5, 33, "slot"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [(1, 48, "slot"), (0, 65, "op"), (1, 48, "op"), (2, 240, "op"), (5, 33, "op")]
        ),
    ],
)
def test_slices_equal_plain_models_of_the_papers_space(step, resolution, sharing):
    paper = of_the_paper(sharing)
    subnet = draw_subnet(paper[0].space, 0, step).subnet.model_copy(update={"resolution": resolution})
    found = differences(paper[1], subnet)
    assert found["eager"] <= 1e-5
    # A graph rounds otherwise than eager operations do: the Keras model's own differs by up to 4e-5.
    assert found["graph"] <= 1e-4


@pytest.mark.slow
@BOTH
def test_one_trace_runs_every_subnet(sharing):
    space = load_space("small")
    net = SuperSupernet(space, seed=0, sharing=sharing)
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
    net = SuperSupernet(MIXED, seed=4, sharing="slot")
    twin = SuperSupernet.from_config(net.get_config())
    assert (twin.space, twin.sharing) == (net.space, "slot")
    for own, expected in zip(twin.get_weights(), net.get_weights(), strict=True):
        np.testing.assert_array_equal(own, expected)


def test_a_configuration_without_sharing_is_of_weights_for_each_op():
    config = SuperSupernet(MIXED).get_config()
    del config["sharing"]
    assert SuperSupernet.from_config(config).sharing == "op"


@pytest.mark.parametrize("block", [0, 2])
@pytest.mark.usefixtures("eager")
def test_the_ops_of_a_slot_use_parts_of_one_set_of_weights(block):
    net, evaluator = (net := SuperSupernet(MIXED, seed=1, sharing="slot")), SubnetEvaluator(net)
    models = {}
    for op in MIXED.stages[1].ops:
        drawn = draw_subnet(MIXED, 0, 0).subnet
        ops = [Op.model_validate("k3e2s")] * 3
        ops[block] = op
        subnet = drawn.model_copy(
            update={"stages": (drawn.stages[0], drawn.stages[1].model_copy(update={"ops": tuple(ops)}))}
        )
        models[op.name] = build_model(subnet)
        pixels = tf.constant(images(MIXED, subnet.resolution))
        copy_weights(net, models[op.name], evaluator.recalibrate(subnet, [pixels]))

    def weight(op, layer):
        return models[op].get_layer(f"stage1_block{block}_{layer}").get_weights()[0]

    widest = weight("k7e4", "depthwise_conv")
    for op, kernel in {"k3e2s": 3, "k5e3s": 5}.items():
        own, edge = weight(op, "depthwise_conv"), (7 - kernel) // 2
        hidden = own.shape[2]
        assert hidden < widest.shape[2]
        np.testing.assert_array_equal(own, widest[edge : 7 - edge, edge : 7 - edge, :hidden])
        np.testing.assert_array_equal(weight(op, "expand_conv"), weight("k7e4", "expand_conv")[..., :hidden])
        np.testing.assert_array_equal(
            weight(op, "project_conv"), weight("k7e4", "project_conv")[:, :, :hidden]
        )
    small, large = weight("k3e2s", "squeeze"), weight("k5e3s", "squeeze")
    np.testing.assert_array_equal(small, large[: small.shape[0], : small.shape[1]])


def test_sharing_divides_the_weights_of_the_blocks_by_the_ops():
    counts = {}
    for sharing in ("op", "slot"):
        net = SuperSupernet(load_space("small"), sharing=sharing)
        blocks = [v for v in net.trainable_variables if v.path.startswith("stage")]
        counts[sharing] = sum(int(np.prod(v.shape)) for v in blocks)
    assert counts["op"] == 2 * counts["slot"]


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
