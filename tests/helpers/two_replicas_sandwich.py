"""Run by test_mirrored_sandwich.py in a process of its own: a distilled sandwich on two logical devices."""

import numpy as np
import tensorflow as tf

[CPU] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)

from scalenet_tf.config import SupernetConfig  # noqa: E402
from scalenet_tf.distribute.strategy import make_strategy  # noqa: E402
from scalenet_tf.models.supernet import SuperSupernet  # noqa: E402
from scalenet_tf.sampling import draw_subnet, trained_subnets  # noqa: E402
from scalenet_tf.training.ema import WeightAverage  # noqa: E402
from scalenet_tf.training.sandwich import make_draw_step  # noqa: E402
from scalenet_tf.training.train_step import StepParts, make_optimizer  # noqa: E402
from tests.helpers.networks import MIXED, images  # noqa: E402

STAGES = tuple(stage.model_copy(update={"ops": stage.ops[-1:]}) for stage in MIXED.stages)
SPACE = MIXED.model_copy(update={"stages": STAGES})
CONFIG = SupernetConfig(batch_size=8, sandwich="space", distillation=True, ema_decay=0.9)
IMAGES = tf.TensorSpec([None, None, None, SPACE.channels])

strategy = make_strategy("mirrored")
assert strategy.num_replicas_in_sync == 2
with strategy.scope():
    net = SuperSupernet(SPACE, seed=0)
    optimizer = make_optimizer(net, CONFIG)
    average = WeightAverage(net.trainable_variables, CONFIG.ema_decay)


def batches(sizes, seed):
    """Two halves of a batch, one a replica."""
    labels = np.random.default_rng(seed).integers(0, SPACE.classes, 8).astype(np.int32)
    pixels = [images(SPACE, size, seed=seed) for size in sizes]
    halves = tf.data.Dataset.from_generator(
        lambda: ((tuple(part[half] for part in pixels), labels[half]) for half in (slice(4), slice(4, 8))),
        output_signature=((IMAGES,) * 3, tf.TensorSpec([None], tf.int32)),
    )
    return strategy.distribute_datasets_from_function(lambda context: halves)


def main():
    parts = StepParts(net, optimizer, strategy, CONFIG, average)
    step = make_draw_step(parts, batches([17] * 3, 0).element_spec)
    before = {path: variable.numpy() for path, variable in average.values.items()}
    for seed in range(3):
        draw = draw_subnet(SPACE, 0, seed)
        sizes = [subnet.resolution for subnet in trained_subnets(SPACE, draw, CONFIG.sandwich)]
        pixels, labels = next(iter(batches(sizes, seed)))
        assert np.isfinite(step(pixels, labels, draw, tf.constant(0.1)).loss)
    for variable in net.trainable_variables:
        path = variable.path
        assert (average.values[path].numpy() != before[path]).any(), path
        for held in (variable.value, optimizer.slots[path], average.values[path], average.uses[path]):
            first, second = (copy.numpy() for copy in strategy.experimental_local_results(held))
            np.testing.assert_array_equal(first, second, err_msg=path)


if __name__ == "__main__":
    main()
