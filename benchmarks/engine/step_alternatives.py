"""A training step of the super-supernet computed in other ways than the product's.

    python -m benchmarks.engine.step_alternatives --stage 1 --pairs 5
    TF_ENABLE_ONEDNN_OPTS=0 python -m benchmarks.engine.step_alternatives --stage 1 --pairs 5

Steps in float32 and in mixed precision take turns in one process, on the same subnet and batch. TensorFlow
reads its oneDNN switch when it starts, so compare the milliseconds of two calls. Also timed, forward and
backward, are a single convolution in both layouts, of which the product uses NHWC, and a batch norm computed
in both ways, with numbers of channels that are multiples of four and others.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.common.options import BatchSize, Pairs, Seed, Space, Stage, run_script


def main(
    space: Space = "paper",
    stage: Stage = 1,
    batch_size: BatchSize = 8,
    pairs: Pairs = 5,
    seed: Seed = 0,
) -> None:
    """Print the time of each way, and its median ratio to the first way.

    Example: python -m benchmarks.engine.step_alternatives --space small --batch-size 128 --pairs 3
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from benchmarks.engine.sides import Dynamic, draws, random_batch
    from scalenet_tf.presets import load_space
    from scalenet_tf.utils import tf_setup

    tf_setup.setup(fast=False)
    loaded = load_space(space)
    subnet = next(draw for draw in draws(loaded, seed, 1) if draw.scaling_stage == stage).subnet
    batch = random_batch(loaded, subnet.resolution, batch_size, seed)
    ways: dict[str, Callable[[], Any]] = {}
    for precision in ("float32", "mixed_bfloat16"):
        side = Dynamic.make(loaded, batch_size, seed, precision)
        ways[precision] = side.training(subnet, batch)
    table = Table("way", "step", "processor", "to the first", "processor, to the first")
    _compare(ways, pairs, table)
    _compare(_convolutions(), 10 * pairs, table)
    for pixels, channels in ((152, 18), (76, 42), (76, 44), (38, 93)):
        _compare(_batch_norms(pixels, channels), 5 * pairs, table)
    Console().print(f"{space}, S{stage}, {subnet.resolution} px, batch {batch_size}")
    Console().print(table)


def _convolutions() -> dict[str, Callable[[], Any]]:
    """A pointwise convolution from 96 to 24 channels at 56 px, batch 8, with its gradients, by layout."""
    import tensorflow as tf

    def step(layout: str) -> Callable[[], Any]:
        shape = (8, 56, 56, 96) if layout == "NHWC" else (8, 96, 56, 56)
        images, kernel = tf.random.stateless_normal(shape, [0, 0]), tf.ones((1, 1, 96, 24))

        @tf.function(autograph=False)
        def run() -> Any:
            with tf.GradientTape() as tape:
                tape.watch([images, kernel])
                y = tf.reduce_sum(tf.square(tf.nn.conv2d(images, kernel, 1, "SAME", layout)))
            return tape.gradient(y, [images, kernel])

        return run

    return {f"convolution, {layout}": step(layout) for layout in ("NHWC", "NCHW")}


def _batch_norms(side: int, channels: int) -> dict[str, Callable[[], Any]]:
    """A batch norm of 8 maps with its gradients, in both ways, with shapes unknown to the graph."""
    import tensorflow as tf

    from scalenet_tf.layers.batch_norm import composed, fused

    maps = tf.random.stateless_normal((8, side, side, channels), [0, 0])

    def step(way: Callable[..., Any]) -> Callable[[], Any]:
        @tf.function(input_signature=[tf.TensorSpec([None] * 4), tf.TensorSpec([None])], autograph=False)
        def run(maps: tf.Tensor, weights: tf.Tensor) -> Any:
            with tf.GradientTape() as tape:
                tape.watch([maps, weights])
                y = tf.reduce_sum(tf.square(way(maps, weights, weights, 1e-3)[0]))
            return tape.gradient(y, [maps, weights])

        return lambda: run(maps, tf.ones(channels))

    place = f"{side} x {side} x {channels}"
    return {f"batch norm, {place}, {way.__name__}": step(way) for way in (fused, composed)}


def _compare(ways: dict[str, Callable[[], Any]], pairs: int, table: Table) -> None:
    import tensorflow as tf

    times: dict[str, list[tuple[float, float]]] = {}
    for name, way in ways.items():
        try:
            way()
        except tf.errors.OpError as error:
            table.add_row(name, "refused: " + str(error).splitlines()[0][:60])
        else:
            times[name] = []
    for _ in track(range(pairs), "steps", console=Console(stderr=True)):
        for name, found in times.items():
            begun, worked = time.perf_counter(), time.process_time()
            ways[name]()
            found.append((time.perf_counter() - begun, time.process_time() - worked))
    first = next(iter(times.values()))
    for name, found in times.items():
        middle = [statistics.median(column) for column in zip(*found, strict=True)]
        ratios = [
            statistics.median(own[column] / one[column] for own, one in zip(found, first, strict=True))
            for column in (0, 1)
        ]
        table.add_row(name, *(f"{1000 * s:.1f} ms" for s in middle), *(f"{ratio:.2f}" for ratio in ratios))


if __name__ == "__main__":
    run_script(main)
