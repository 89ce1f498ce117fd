"""The two sides of the comparison: the super-supernet, and a plain Keras model of the same subnet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import SupernetConfig
from scalenet_tf.distribute.strategy import make_strategy
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import Draw, draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.training.loss_scale import make_loss_scale
from scalenet_tf.training.train_step import StepParts, TrainStep, make_optimizer, make_train_step

Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]
Call = Callable[[], Any]
Batch = tuple[tf.Tensor, tf.Tensor]


@dataclass(frozen=True)
class Dynamic:
    """The super-supernet, with the product's training step and evaluator.

    Attributes:
      net: The super-supernet.
      step: Its training step.
      evaluator: Its evaluator.
      state_bytes: Bytes of weights and optimizer state.
    """

    net: SuperSupernet
    step: TrainStep
    evaluator: SubnetEvaluator
    state_bytes: int

    @classmethod
    def make(
        cls, space: SearchSpace, batch_size: int, seed: int, precision: Precision = "float32"
    ) -> Dynamic:
        """Builds a super-supernet of `space` for batches of `batch_size` images."""
        config = SupernetConfig(batch_size=batch_size, precision=precision)
        strategy = make_strategy("one_device")
        with strategy.scope():
            net = SuperSupernet(space, seed, config.sharing, dtype=precision)
            optimizer = make_optimizer(net, config)
            loss_scale = make_loss_scale(precision)
        spec = (tf.TensorSpec([None, None, None, space.channels]), tf.TensorSpec([None], tf.int32))
        step = make_train_step(StepParts(net, optimizer, strategy, config, loss_scale=loss_scale), spec)
        state = [*net.trainable_variables, *optimizer.slots.values()]
        return cls(net, step, SubnetEvaluator(net), num_bytes(state))

    def training(self, subnet: Subnet, batch: Batch) -> Call:
        """A call that trains `subnet` for one step."""
        code, rate = encode_subnet(self.net.space, subnet), tf.constant(0.01)
        return lambda: float(self.step(*batch, code, rate).loss)

    def forward(self, subnet: Subnet, batch: Batch) -> Call:
        """A call that evaluates `subnet` on a batch, after recalibration."""
        statistics = self.evaluator.recalibrate(subnet, [batch[0]])
        return lambda: self.evaluator.logits(statistics, batch[0]).numpy()


@dataclass(frozen=True)
class Static:
    """A plain Keras model with shapes known at tracing, without XLA, with Keras' SGD and momentum.

    Attributes:
      model: The model.
      optimizer: Its optimizer.
      state_bytes: Bytes of weights and optimizer state.
    """

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    state_bytes: int

    @classmethod
    def make(
        cls, subnet: Subnet, norm: type[keras.layers.BatchNormalization] = keras.layers.BatchNormalization
    ) -> Static:
        """Builds a model of `subnet`.

        Args:
          subnet: The subnet.
          norm: Class of its batch norm layers.
        """
        model = build_model(subnet, batch_norm=norm)
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)
        optimizer.build(model.trainable_variables)
        return cls(model, optimizer, num_bytes([*model.variables, *optimizer.variables]))

    def training(self, batch: Batch) -> Call:
        """A call that trains the model for one step."""
        images, labels = batch
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model, optimizer = self.model, self.optimizer

        @tf.function(autograph=False)
        def step() -> tf.Tensor:
            with tf.GradientTape() as tape:
                value = loss(labels, model(images, training=True))
            optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
            return value

        return lambda: float(step())

    def forward(self, batch: Batch) -> Call:
        """A call that evaluates the model on a batch."""
        signature = [tf.TensorSpec(batch[0].shape)]
        predict = tf.function(lambda images: self.model(images), input_signature=signature, autograph=False)
        return lambda: predict(batch[0]).numpy()


def num_bytes(variables: list[Any]) -> int:
    """Bytes of some variables."""
    return sum(int(np.prod(v.shape)) * tf.as_dtype(v.dtype).size for v in variables)


def random_batch(space: SearchSpace, resolution: int, size: int, seed: int = 0) -> Batch:
    """`size` random images with random labels."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(0, 255, (size, resolution, resolution, space.channels))
    labels = rng.integers(0, space.classes, size)
    return tf.constant(images, tf.float32), tf.constant(labels, tf.int32)


def draws(space: SearchSpace, seed: int, each: int) -> list[Draw]:
    """`each` random subnets of every scaling stage, one stage after the other, in turns."""
    found: list[Draw] = []
    step = 0
    while len(found) < each * len(space.menus):
        draw = draw_subnet(space, seed, step)
        step += 1
        if draw.scaling_stage == len(found) % len(space.menus):
            found.append(draw)
    return found
