"""Run by test_mirrored_step.py in a process of its own: a step on two logical devices of this machine."""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

[CPU] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, str(Path(__file__).parent.parent))

from networks import MIXED, images  # noqa: E402

from scalenet_tf.config import SupernetConfig  # noqa: E402
from scalenet_tf.cost import cost  # noqa: E402
from scalenet_tf.sampling import draw_subnet  # noqa: E402
from scalenet_tf.strategy import make_strategy  # noqa: E402
from scalenet_tf.subnet_code import encode_subnet  # noqa: E402
from scalenet_tf.supernet import SuperSupernet  # noqa: E402
from scalenet_tf.training.step import make_optimizer, make_train_step  # noqa: E402

# One op a stage: what the slices of a subnet hold is then exactly its parameters.
STAGES = tuple(stage.model_copy(update={"ops": stage.ops[-1:]}) for stage in MIXED.stages)
SPACE = MIXED.model_copy(update={"stages": STAGES})
SUBNETS = [draw_subnet(SPACE, 0, number).subnet for number in range(8)]
CONFIG = SupernetConfig(batch_size=8)
RATE = tf.constant(0.1)

strategy = make_strategy("mirrored")
assert strategy.num_replicas_in_sync == 2
with strategy.scope():
    net = SuperSupernet(SPACE, seed=0)
    optimizer = make_optimizer(net, CONFIG)


def batches(resolution, seed):
    """Two halves of a batch, one a replica."""
    labels = np.random.default_rng(seed).integers(0, SPACE.classes, 8).astype(np.int32)
    pixels = images(SPACE, resolution, seed=seed)
    signature = (tf.TensorSpec([None, None, None, SPACE.channels]), tf.TensorSpec([None], tf.int32))
    halves = tf.data.Dataset.from_generator(
        lambda: ((pixels[half], labels[half]) for half in (slice(4), slice(4, 8))), output_signature=signature
    )
    return strategy.distribute_datasets_from_function(lambda context: halves)


def run(step, subnet, seed):
    return step(*next(iter(batches(subnet.resolution, seed))), encode_subnet(SPACE, subnet), RATE)


def replicas(variable):
    return [copy.numpy() for copy in strategy.experimental_local_results(variable)]


def check_that_replicas_stay_equal(step):
    before = [v.numpy() for v in net.trainable_variables]
    for seed, subnet in enumerate(SUBNETS[:4]):
        assert np.isfinite(run(step, subnet, seed).loss)
    assert step.experimental_get_tracing_count() == 1
    for old, variable in zip(before, net.trainable_variables, strict=True):
        assert (variable.numpy() != old).any(), variable.path
        for held in (variable.value, optimizer.slots[variable.path]):
            np.testing.assert_array_equal(*replicas(held), err_msg=variable.path)


def check_that_slices_alone_are_reduced(step):
    reduced = []
    all_reduce = tf.distribute.ReplicaContext.all_reduce

    def seen(self, op, value, options=None):
        if self.replica_id_in_sync_group == 0:
            reduced.append(sum(int(tf.size(part)) for part in tf.nest.flatten(value)))
        return all_reduce(self, op, value, options)

    tf.distribute.ReplicaContext.all_reduce = seen
    tf.config.run_functions_eagerly(True)
    smallest = min(SUBNETS, key=lambda subnet: cost(subnet).parameters)
    run(step, smallest, 9)
    assert reduced == [cost(smallest).parameters, 2], (reduced, cost(smallest).parameters)
    everything = sum(v.value.shape.num_elements() for v in net.trainable_variables)
    assert reduced[0] < everything / 2, (reduced, everything)


if __name__ == "__main__":
    train_step = make_train_step(net, optimizer, strategy, CONFIG, batches(17, 0).element_spec)
    check_that_replicas_stay_equal(train_step)
    check_that_slices_alone_are_reduced(train_step)
