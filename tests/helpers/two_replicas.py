"""Run by test_replicas.py in a process of its own: steps on two logical devices of this machine.

two_replicas.py equal op mixed float32 1    one device and two replicas: the same weights after a step
two_replicas.py bytes op small mixed        what a step reduces, in each space
"""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf

[CPU] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
tf.config.experimental.enable_op_determinism()

from scalenet_tf.config import Sharing  # noqa: E402
from scalenet_tf.costs.macs import cost  # noqa: E402
from scalenet_tf.distribute import replicas  # noqa: E402
from scalenet_tf.distribute.strategy import make_strategy  # noqa: E402
from scalenet_tf.presets import load_space  # noqa: E402
from scalenet_tf.space.block_layers import SqueezeExcite  # noqa: E402
from scalenet_tf.space.blocks import blocks  # noqa: E402
from scalenet_tf.training import gradient_sum  # noqa: E402
from tests.helpers.networks import BLOCKS, SHORT  # noqa: E402
from tests.helpers.shared_batch import MIXED, Trainer, compute_in, draw_subnet  # noqa: E402
from tests.helpers.unoptimised import optimise_graphs  # noqa: E402

OWN = {"mixed": MIXED, "blocks": BLOCKS, "short": SHORT}
TOLERANCES = {"float32": 1e-5, "float64": 1e-8}


def check_equal(sharing: Sharing, name: str, dtype: str, steps: int) -> None:
    compute_in(dtype)
    optimise_graphs(steps > 1)
    alone, shared = (
        Trainer(make_strategy(kind), dtype, OWN[name], sharing) for kind in ("one_device", "mirrored")
    )
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


def check_bytes(sharing: Sharing, names: list[str]) -> None:
    sums: list[int] = []
    really = replicas._all_reduce

    def watched(vector: tf.Tensor, *others: tf.Tensor) -> tf.Tensor:
        tf.numpy_function(lambda: sums.append(1), [], [])
        return really(vector, *others)

    replicas._all_reduce = watched
    reduced: list[int] = []
    sum_of = gradient_sum.all_reduce

    def counted(tensors: list[tf.Tensor]) -> list[tf.Tensor]:
        sizes = [tf.size(tensor) * tensor.dtype.size for tensor in tensors]
        tf.numpy_function(lambda size: reduced.append(int(size)), [tf.add_n(sizes)], [])
        return sum_of(tensors)

    gradient_sum.all_reduce = counted  # of gradients: the step has the function itself for loss and hits
    strategy = make_strategy("mirrored")
    for name in names:
        space = OWN[name] if name in OWN else load_space(name)
        shared = Trainer(strategy, "float32", space, sharing)
        whole = sum(4 * v.value.shape.num_elements() for v in shared.net.trainable_variables)
        for number in range(4):
            sums.clear(), reduced.clear()
            shared.one(number, resolution=17)
            subnet = draw_subnet(space, 0, number).subnet
            parameters = 4 * cost(subnet).parameters
            assert reduced == [parameters] * 2, (reduced, parameters)
            assert parameters < whole, (parameters, whole)
            # A norm follows every convolution, each replica sums twice for each.
            layers = [placed.layer for block in blocks(subnet) for placed in block.layers]
            norms = 2 + sum(not isinstance(layer, SqueezeExcite) for layer in layers)
            assert len(sums) == 2 * 2 * norms, (len(sums), norms)
            print(f"{space.name}, step {number}: {parameters} bytes of {whole}")


if __name__ == "__main__":
    what, way, *rest = sys.argv[1:]
    own: Sharing = "slot" if way == "slot" else "op"
    check_bytes(own, rest) if what == "bytes" else check_equal(own, *rest[:2], int(rest[2]))
