"""Shows that the input pipeline keeps up with training: its images/s compared with those of a step.

    python -m benchmarks.input_pipeline --source bundled --batch-size 128 --output input_pipeline.json

The step is that of a plain Keras model (forward, backward, update) of the smallest subnet drawn: no step is
shorter, so none needs more images.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import numpy as np
import tensorflow as tf
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.common.options import BatchSize, OptionalOutput, Space, run_script
from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.costs.macs import cost
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.models.plain import build_model
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_resolutions, draw_subnet
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils import files, tf_setup


def pipeline_rate(data: DataSet, batch_size: int, steps: int, resolutions: Any) -> float:
    """Images/s of `training_batches` with augmentation, and nothing else to do."""
    batches = iter(
        data.training_batches(
            batch_size=batch_size, seed=0, resolutions=resolutions, augmentation=AugmentationConfig(erase=0.2)
        )
    )
    for _ in range(5):
        next(batches)
    begin = time.perf_counter()
    for _ in range(steps):
        next(batches)
    return steps * batch_size / (time.perf_counter() - begin)


def step_rate(space: SearchSpace, batch_size: int, steps: int) -> float:
    """Images/s that training consumes, for the smallest of 200 random subnets."""
    drawn = [draw_subnet(space, 0, step, "widths").subnet for step in range(200)]
    subnet = min(drawn, key=lambda each: cost(each).macs)
    model = build_model(subnet)
    images = tf.random.stateless_uniform(
        [batch_size, subnet.resolution, subnet.resolution, space.channels], [0, 0], maxval=255
    )
    labels = tf.zeros([batch_size], tf.int32)

    @tf.function
    def train() -> None:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model(images, training=True))
            loss = tf.reduce_mean(losses)
        weights = [weight.value for weight in model.trainable_weights]
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(1e-3 * gradient)

    for _ in range(3):
        train()
    begin = time.perf_counter()
    for _ in range(steps):
        train()
    return steps * batch_size / (time.perf_counter() - begin)


def main(
    source: Annotated[
        str, typer.Option(help="Images: bundled, tfds:NAME, folder:PATH or tfrecord:PATH.")
    ] = "bundled",
    data_dir: Annotated[
        str | None, typer.Option(metavar="DIR", help="Data directory of TFDS. Default: its own.")
    ] = None,
    space: Space = "small",
    batch_size: BatchSize = 128,
    steps: Annotated[int, typer.Option(min=1, help="Batches measured per row.")] = 300,
    cache_gigabytes: Annotated[
        float, typer.Option(help="Size up to which decoded images are cached; 0 streams them from disk.")
    ] = 2.0,
    output: OptionalOutput = None,
) -> None:
    """Print the rate of the input pipeline at each resolution of the space.

    Example: python -m benchmarks.input_pipeline --source bundled --output input_pipeline.json
    """
    tf_setup.setup(fast=False)
    data = load_data(DataConfig(source=source, data_dir=data_dir, cache_gigabytes=cache_gigabytes), seed=0)
    search_space = load_space(space).for_data(data.info.channels, data.info.classes)
    mixed = draw_resolutions(search_space, 0, steps + 5, "widths")
    rates = {str(r): pipeline_rate(data, batch_size, steps, int(r)) for r in np.unique(mixed)}
    rates["as sampled"] = pipeline_rate(data, batch_size, steps, mixed)
    needed = step_rate(search_space, batch_size, max(1, steps // 10))
    table = Table("resolution", "pipeline images/s", "times what a step takes", title=f"{source}, {space}")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", f"{rate / needed:.1f}")
    Console().print(table, f"the fastest step takes {needed:,.0f} images/s")
    if output:
        result = {"source": source, "space": space, "batch_size": batch_size, "steps": steps}
        files.write_json(
            output, result | {"pipeline_images_per_second": rates, "step_images_per_second": needed}
        )


if __name__ == "__main__":
    run_script(main)
