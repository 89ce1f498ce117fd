"""A step that trains the largest, the drawn and the smallest subnet in turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import SupernetConfig, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers.row_slices import values
from scalenet_tf.models.subnet_code import SubnetCode, encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import Draw, draw_subnet, trained_subnets
from scalenet_tf.training.sandwich import make_draw_step
from scalenet_tf.training.train_step import StepParts, make_optimizer, make_train_step, make_update
from tests.helpers.networks import MIXED, images
from tests.helpers.used_parts import used_parts
from tests.training.test_optimizer import STRATEGY

RATE = tf.constant(0.1)
IMAGES = tf.TensorSpec([None, None, None, MIXED.channels])
LABELS = tf.TensorSpec([None], tf.int32)


class Trainer:
    """A super-supernet with its step."""

    def __init__(self, **config: Any):
        self.net = SuperSupernet(MIXED, seed=0)
        self.config = SupernetConfig(batch_size=8, **config)
        self.optimizer = make_optimizer(self.net, self.config)
        self.parts = StepParts(self.net, self.optimizer, STRATEGY, self.config)

    def state(self) -> dict[str, tuple[Any, Any]]:
        slots = self.optimizer.slots
        return {v.path: (v.numpy(), slots[v.path].numpy()) for v in self.net.trainable_variables}


def batch(draw: Draw, sandwich: str, seed: int) -> tuple[tuple[Any, ...], Any, list[SubnetCode]]:
    subnets = trained_subnets(MIXED, draw, sandwich)  # type: ignore[arg-type]
    sizes = [subnet.resolution for subnet in subnets]
    labels = np.random.default_rng(seed).integers(0, MIXED.classes, 8)
    pixels = tuple(tf.constant(images(MIXED, size, seed=seed)) for size in sizes)
    return pixels, tf.constant(labels, tf.int32), [encode_subnet(MIXED, subnet) for subnet in subnets]


def assert_same(left: Trainer, right: Trainer) -> None:
    for (path, ours), theirs in zip(left.state().items(), right.state().values(), strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=path)


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_a_sandwich_is_three_plain_steps_in_turn() -> None:
    sandwich, plain = Trainer(sandwich="stage"), Trainer()
    step = make_draw_step(sandwich.parts, ((IMAGES,) * 3, LABELS))
    train = make_train_step(plain.parts, (IMAGES, LABELS))
    for number in range(3):
        draw = draw_subnet(MIXED, 1, number)
        pixels, labels, codes = batch(draw, "stage", number)
        result = step(pixels, labels, draw, RATE)
        each = [train(own, labels, code, RATE) for own, code in zip(pixels, codes, strict=True)]
        assert (result.loss, result.correct) == (each[1].loss, each[1].correct)
        norms = [float(one.gradient_norm) for one in each]
        assert float(result.gradient_norm) == pytest.approx(np.mean(norms), rel=1e-6)
    assert_same(sandwich, plain)


def check_untouched(draws: int) -> int:
    """What none of the three uses stays to the bit. Returns: how often the network was traced."""
    trainer = Trainer(sandwich="stage", distillation=True, weight_decay=0.1)
    step = make_draw_step(trainer.parts, ((IMAGES,) * 3, LABELS))
    traced = []
    compute = trainer.net.compute

    def counting(*arguments: Any, **named: Any) -> Any:
        traced.append(1)
        return compute(*arguments, **named)

    trainer.net.compute = counting  # type: ignore[method-assign]
    for number in range(draws):
        draw = draw_subnet(MIXED, 0, number)
        pixels, labels, _ = batch(draw, "stage", number)
        before = trainer.state()
        step(pixels, labels, draw, RATE)
        after = trainer.state()
        masks = [used_parts(subnet) for subnet in trained_subnets(MIXED, draw, "stage")]
        for path in before:
            mask = np.any([np.broadcast_to(one[path], before[path][0].shape) for one in masks], axis=0)
            for old, new in zip(before[path], after[path], strict=True):
                np.testing.assert_array_equal(new[~mask], old[~mask], err_msg=path)
            assert not mask.any() or "beta" not in path or (before[path][0] != after[path][0])[mask].any()
    return len(traced)


@pytest.mark.usefixtures("eager")
def test_what_none_of_the_three_uses_is_untouched() -> None:
    check_untouched(draws=3)


@pytest.mark.slow
def test_what_none_uses_is_untouched_by_graphs_and_traces_are_two() -> None:
    assert check_untouched(draws=8) == 2


@pytest.mark.usefixtures("eager")
def test_the_smaller_subnets_learn_the_largests_answers_before_its_update() -> None:
    distilled, by_hand = Trainer(sandwich="space", distillation=True), Trainer()
    step = make_draw_step(distilled.parts, ((IMAGES,) * 3, LABELS))
    update = make_update(by_hand.parts)
    draw = draw_subnet(MIXED, 0, 3)
    pixels, labels, codes = batch(draw, "space", 0)
    step(pixels, labels, draw, RATE)
    logits = np.asarray(answers(by_hand.net, pixels[0], codes[0]), np.float64)
    soft = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    update(pixels[0], labels, codes[0], RATE)
    for own, code in zip(pixels[1:], codes[1:], strict=True):
        update(own, labels, code, RATE, tf.constant(soft, tf.float32))
    for (path, ours), theirs in zip(distilled.state().items(), by_hand.state().values(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4, err_msg=path)


def test_soft_labels_replace_the_labels_in_the_gradient_and_not_in_the_report() -> None:
    trainer = Trainer(weight_decay=0.0, clip_norm=1e6, momentum=0.9, label_smoothing=0.0)
    update = make_update(trainer.parts)
    draw = draw_subnet(MIXED, 0, 1)
    (_, pixels, _), labels, (_, code, _) = batch(draw, "space", 0)
    soft = np.random.default_rng(1).dirichlet(np.ones(MIXED.classes), 8)
    answered = softmax(np.asarray(answers(trainer.net, pixels, code), np.float64))
    before = trainer.net.classifier.bias.numpy()
    result, _ = update(pixels, labels, code, RATE, tf.constant(soft, tf.float32))
    # The gradient of cross entropy by the bias; the first Nesterov step multiplies it by 1 + momentum.
    expected = -0.1 * 1.9 * (answered - soft).mean(0)
    np.testing.assert_allclose(trainer.net.classifier.bias.numpy() - before, expected[None], atol=1e-5)
    of_labels = -np.log(answered[np.arange(8), labels]).mean()
    np.testing.assert_allclose(result.loss, of_labels, rtol=1e-5)


def answers(net: SuperSupernet, pixels: tf.Tensor, code: SubnetCode) -> tf.Tensor:
    return net.compute(pixels, code, values(net.select(code)))[0]


def softmax(logits: np.ndarray) -> np.ndarray:
    return np.exp(logits) / np.exp(logits).sum(1, keepdims=True)


def test_distillation_needs_a_teacher() -> None:
    message = r"`supernet.distillation`: .*needs `supernet.sandwich`, stage or space.*Received: True"
    with pytest.raises(ScaleNetError, match=message):
        load_config("smoke", ["supernet.distillation=true"])
    assert load_config("smoke", ["supernet.distillation=true", "supernet.sandwich=space"])
