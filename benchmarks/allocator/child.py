"""Trains or serves in a process of its own and prints, as JSON, what the steps after the warm-up cost.

`python -m benchmarks.allocator.child WORK SPACE BATCH_SIZE SUBNETS STEPS SEED`, started by `__main__.py`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scalenet_tf.config import DataConfig
from scalenet_tf.presets import load_space
from scalenet_tf.utils.allocator import describe_allocator
from scalenet_tf.utils.resident_memory import peak_resident_memory

if TYPE_CHECKING:
    from scalenet_tf.models.subnet_code import SubnetCode
    from scalenet_tf.sampling import Draw
    from scalenet_tf.space import SearchSpace

WARM_UP = 10


@dataclass
class Cost:
    """What some steps took, summed; page faults are those that need no disk."""

    steps: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    system_seconds: float = 0.0
    page_faults: int = 0

    def measure(self, act: Callable[[], object], steps: int) -> None:
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        act()
        now = resource.getrusage(resource.RUSAGE_SELF)
        self.seconds += time.perf_counter() - begun
        self.system_seconds += now.ru_stime - before.ru_stime
        self.cpu_seconds += now.ru_stime - before.ru_stime + now.ru_utime - before.ru_utime
        self.page_faults += now.ru_minflt - before.ru_minflt
        self.steps += steps


@dataclass
class Found:
    """Costs by scaling stage (of requests: by batch size), and the results, to compare them to the bit."""

    costs: dict[str, Cost] = field(default_factory=dict)
    results: list[str] = field(default_factory=list)

    def of(self, group: object) -> Cost:
        return self.costs.setdefault(str(group), Cost())


def supernet(space: SearchSpace, drawn: list[Draw], batch_size: int, steps: int, seed: int) -> Found:
    """Trains the super-supernet as a run does: batches of the bundled images, another subnet in each step."""
    import numpy as np
    import tensorflow as tf

    from benchmarks.engine.sides import Dynamic
    from scalenet_tf.data import load_data
    from scalenet_tf.distribute.strategy import make_strategy
    from scalenet_tf.models.subnet_code import encode_subnet
    from scalenet_tf.utils import tf_setup

    tf_setup.setup(fast=False)
    data, net = load_data(DataConfig(), seed), Dynamic.make(space, batch_size, seed)
    resolutions = np.tile([each.subnet.resolution for each in drawn], WARM_UP + steps)
    batches = iter(
        make_strategy("one_device").distribute_datasets_from_function(
            lambda context: data.training_batches(
                batch_size=batch_size, seed=seed, resolutions=resolutions, input_context=context
            )
        )
    )
    codes = [encode_subnet(space, each.subnet) for each in drawn]
    found, rate = Found(), tf.constant(0.01)

    def train(code: SubnetCode) -> None:
        images, labels = next(batches)
        found.results.append(float(net.step(images, labels, code, rate).loss).hex())

    for step in range(WARM_UP + steps):
        for each, code in zip(drawn, codes, strict=True):
            cost = found.of(f"S{each.scaling_stage}") if step >= WARM_UP else Cost()
            cost.measure(partial(train, code), 1)
    return found


def fit(space: SearchSpace, drawn: list[Draw], batch_size: int, steps: int, seed: int) -> Found:
    """Fits a plain Keras model of each subnet, one after the other, on the same batches."""
    import keras

    from scalenet_tf.data import load_data
    from scalenet_tf.models.plain import build_model

    data, found = load_data(DataConfig(), seed), Found()
    for each in drawn:
        keras.utils.set_random_seed(seed)
        model = build_model(each.subnet)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True), loss)
        batches = data.training_batches(batch_size=batch_size, seed=seed, resolutions=each.subnet.resolution)
        model.fit(batches, steps_per_epoch=WARM_UP, shuffle=False, verbose=0)
        cost, train = (
            found.of(f"S{each.scaling_stage}"),
            partial(model.fit, batches, shuffle=False, verbose=0),
        )
        cost.measure(partial(train, steps_per_epoch=steps), steps)
        found.results += [weight.numpy().tobytes().hex()[:64] for weight in model.trainable_weights[-2:]]
    return found


def member(space: SearchSpace, drawn: list[Draw], batch_size: int, steps: int, seed: int) -> Found:
    """Fits them in the scope of a strategy, with deterministic operations, as members are trained."""
    from scalenet_tf.distribute.strategy import make_strategy
    from scalenet_tf.utils import tf_setup

    tf_setup.setup(fast=False)
    with make_strategy("one_device").scope():
        return fit(space, drawn, batch_size, steps, seed)


def serve(space: SearchSpace, drawn: list[Draw], batch_size: int, steps: int, seed: int) -> Found:
    """Asks the exported model of each subnet, as loaded from its SavedModel, for one image and for 32."""
    import keras
    import numpy as np
    import tensorflow as tf

    from scalenet_tf.export.folding import folded_model
    from scalenet_tf.export.saved_model import write_saved_model
    from scalenet_tf.models.plain import build_model

    found, generator = Found(), np.random.default_rng(seed)
    labels = [str(number) for number in range(space.classes)]
    for each in drawn:
        keras.utils.set_random_seed(seed)
        with TemporaryDirectory() as temporary:
            folder = Path(temporary) / "1"
            write_saved_model(folded_model(each.subnet, build_model(each.subnet), apart=True), labels, folder)
            loaded = tf.saved_model.load(str(folder))
        answer, side = loaded.signatures["serving_default"], each.subnet.resolution
        for count in (1, 32):
            images = tf.constant(generator.integers(0, 256, (count, side, side, space.channels), np.uint8))

            def ask(images: tf.Tensor = images, answer: Callable[..., dict[str, tf.Tensor]] = answer) -> str:
                return str(answer(images=images)["probabilities"].numpy().tobytes().hex())

            for step in range(WARM_UP + steps):
                cost = Cost() if step < WARM_UP else found.of(f"S{each.scaling_stage}, {count} image(s)")
                cost.measure(ask, 1)
            found.results.append(ask())
    return found


WORKS = {"supernet": supernet, "fit": fit, "member": member, "serve": serve}


def main(work: str, name: str, batch_size: int, subnets: int, steps: int, seed: int) -> None:
    if work != "fit":  # as a user starts it: that process is not ours
        from scalenet_tf.utils.tf_setup import load_tensorflow

        load_tensorflow()
    from benchmarks.engine.sides import draws

    space = load_space(name)
    found = WORKS[work](space, draws(space, seed, subnets), batch_size, steps, seed)
    peak = {"allocator": describe_allocator(), "peak_bytes": peak_resident_memory()}
    print(json.dumps(asdict(found) | peak))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
