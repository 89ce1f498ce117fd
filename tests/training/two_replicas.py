"""Run by test_replicas.py in a process of its own: steps on two logical devices of this machine.

two_replicas.py equal float32 1    one device and two replicas: the same weights after a step
two_replicas.py bytes              what a step reduces
"""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf

[CPU] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
tf.config.experimental.enable_op_determinism()

from shared_batch import MIXED, Trainer, compute_in, draw_subnet  # noqa: E402

from scalenet_tf import replicas  # noqa: E402
from scalenet_tf.cost import cost  # noqa: E402
from scalenet_tf.strategy import make_strategy  # noqa: E402

TOLERANCES = {"float32": 1e-5, "float64": 1e-8}


def check_equal(dtype: str, steps: int) -> None:
    compute_in(dtype)
    alone, shared = (Trainer(make_strategy(name), dtype) for name in ("one_device", "mirrored"))
    assert shared.strategy.num_replicas_in_sync == 2
    before = shared.state()
    results = zip(alone.train(steps), shared.train(steps), strict=True)
    for one, two in results:
        np.testing.assert_allclose(two, one, atol=TOLERANCES[dtype])
    expected, after = alone.state(), shared.state()
    for path, value in expected.items():
        np.testing.assert_allclose(after[path], value, rtol=0, atol=TOLERANCES[dtype], err_msg=path)
    assert all((after[path] != old).any() for path, old in before.items()) or steps == 1
    assert shared.step.experimental_get_tracing_count() == 1
    for variable in shared.net.trainable_variables:
        for held in (variable.value, shared.optimizer.slots[variable.path]):
            copies = [copy.numpy() for copy in shared.strategy.experimental_local_results(held)]
            np.testing.assert_array_equal(*copies, err_msg=variable.path)


def check_bytes() -> None:
    # One op a stage: what the slices of a subnet hold is then exactly its parameters.
    stages = tuple(stage.model_copy(update={"ops": stage.ops[-1:]}) for stage in MIXED.stages)
    space = MIXED.model_copy(update={"stages": stages})
    reduced: list[int] = []
    really = replicas._all_reduce

    def note(size: np.ndarray, replica: np.ndarray) -> None:
        if replica == 0:
            reduced.append(int(size))

    def watched(vector: tf.Tensor, *others: tf.Tensor) -> tf.Tensor:
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        tf.numpy_function(note, [tf.size(vector) * vector.dtype.size, replica], [])
        return really(vector, *others)

    replicas._all_reduce = watched
    shared = Trainer(make_strategy("mirrored"), "float32", space)
    whole = sum(4 * v.value.shape.num_elements() for v in shared.net.trainable_variables)
    for number in range(4):
        reduced.clear()
        shared.one(number)
        subnet = draw_subnet(space, 0, number).subnet
        parameters = 4 * cost(subnet).parameters
        # The largest sum holds all gradients, and the loss; a block has up to three norms, two sums each.
        gradients = max(reduced)
        assert parameters < gradients <= 1.1 * parameters, (gradients, parameters)
        assert gradients < whole, (gradients, whole)
        norms = 2 + sum((3 if stage.ops[0].expansion > 1 else 2) * len(stage.ops) for stage in subnet.stages)
        assert len(reduced) == 2 * norms + 1, (len(reduced), norms)
        print(f"step {number}: {gradients} bytes of gradients, {parameters} of parameters, {whole} in all")


if __name__ == "__main__":
    check_bytes() if sys.argv[1] == "bytes" else check_equal(sys.argv[2], int(sys.argv[3]))
