"""Steps of a small super-supernet on a global batch that the replicas of any strategy share."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.config import Sharing, SupernetConfig
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.training.train_step import StepParts, StepResult, make_optimizer, make_train_step
from tests.helpers.networks import MIXED, images

BATCH = 8


def compute_in(dtype: str) -> None:
    """Networks made from now on compute in `dtype`; for a process of its own."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


class Trainer:
    """A super-supernet that steps through the subnets of (seed 0, step); made under `compute_in`."""

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        dtype: str,
        space: SearchSpace = MIXED,
        sharing: Sharing = "op",
    ):
        self.strategy, self.dtype, self.space = strategy, dtype, space
        config = SupernetConfig(batch_size=BATCH, weight_decay=1e-3)
        with strategy.scope():
            self.net = SuperSupernet(space, seed=0, sharing=sharing)
            self.optimizer = make_optimizer(self.net, config)
        spec = self._batches(17, 0).element_spec
        self.step = make_train_step(StepParts(self.net, self.optimizer, strategy, config), spec)

    def train(self, steps: int) -> list[StepResult]:
        return [self.one(number) for number in range(steps)]

    def one(self, number: int, resolution: int | None = None) -> StepResult:
        subnet = draw_subnet(self.space, 0, number).subnet
        batch = next(iter(self._batches(resolution or subnet.resolution, number)))
        return self.step(*batch, encode_subnet(self.space, subnet), tf.constant(0.1))

    def state(self) -> dict[str, np.ndarray]:
        """Weights, and momentum under "momentum of " its weight."""
        variables = self.net.trainable_variables
        slots = {f"momentum of {v.path}": self.optimizer.slots[v.path].numpy() for v in variables}
        return {v.path: v.numpy() for v in variables} | slots

    def _batches(self, resolution: int, seed: int) -> tf.distribute.DistributedDataset:
        """The global batch of a step, each worker's part of it cut for its replicas."""
        labels = np.random.default_rng(seed).integers(0, self.space.classes, BATCH).astype(np.int32)
        pixels = images(self.space, resolution, seed=seed, dtype=self.dtype)
        # Parts that differ in brightness: their own statistics would be other ones.
        pixels *= np.linspace(0.2, 1, BATCH)[:, None, None, None].astype(self.dtype)
        signature = (
            tf.TensorSpec([None, None, None, self.space.channels], self.dtype),
            tf.TensorSpec([None], tf.int32),
        )

        def share(context: tf.distribute.InputContext) -> tf.data.Dataset:
            local = BATCH // context.num_input_pipelines
            each = BATCH // context.num_replicas_in_sync
            begin = context.input_pipeline_id * local
            cuts = [slice(at, at + each) for at in range(begin, begin + local, each)]
            return tf.data.Dataset.from_generator(
                lambda: ((pixels[cut], labels[cut]) for cut in cuts), output_signature=signature
            )

        return self.strategy.distribute_datasets_from_function(share)
