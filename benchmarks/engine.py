"""A super-supernet step beside a static Keras model's step of the same subnet, alternating in one process.

python benchmarks/engine.py --space paper --batch-size 8 --subnets 8 --output engine-paper.json
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from scalenet_tf import files
from scalenet_tf.config import SupernetConfig
from scalenet_tf.cost import cost
from scalenet_tf.presets import load_space
from scalenet_tf.provenance import environment, package_versions
from scalenet_tf.sampling import Draw, draw_subnet
from scalenet_tf.space import SearchSpace


def main(
    space: Annotated[str, typer.Option(help="paper, medium, small or a YAML file")] = "paper",
    batch_size: Annotated[int, typer.Option(min=1)] = 8,
    subnets: Annotated[int, typer.Option(min=1, help="drawn in turn from the scaling stages")] = 8,
    pairs: Annotated[int, typer.Option(min=1, help="alternations for each subnet")] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    deterministic: Annotated[bool, typer.Option(help="deterministic operations, as by default")] = True,
    output: Annotated[Path | None, typer.Option(help="JSON file to write")] = None,
) -> None:
    """Prints the ratio of both steps for each subnet, and the seconds to the first step.

    Example: python benchmarks/engine.py --space small --batch-size 128
    """
    import numpy as np
    import tensorflow as tf

    from scalenet_tf import determinism
    from scalenet_tf.strategy import make_strategy
    from scalenet_tf.subnet_code import encode_subnet
    from scalenet_tf.supernet import SuperSupernet
    from scalenet_tf.training.step import make_optimizer, make_train_step

    determinism.setup(fast=not deterministic)
    begun = time.monotonic()
    found = load_space(space)
    config = SupernetConfig(batch_size=batch_size)
    strategy = make_strategy("one_device")
    with strategy.scope():
        net = SuperSupernet(found, seed)
        optimizer = make_optimizer(net, config)
    spec = (tf.TensorSpec([None, None, None, found.channels]), tf.TensorSpec([None], tf.int32))
    step = make_train_step(net, optimizer, strategy, config, spec)
    rng = np.random.default_rng(seed)
    rate = tf.constant(0.01)
    rows: list[dict[str, Any]] = []
    for draw in draws(found, seed, subnets):
        side = draw.subnet.resolution
        images = tf.constant(rng.uniform(0, 255, (batch_size, side, side, found.channels)), tf.float32)
        labels = tf.constant(rng.integers(0, found.classes, batch_size), tf.int32)
        code = encode_subnet(found, draw.subnet)

        def dynamic(images: Any = images, labels: Any = labels, code: Any = code) -> None:
            float(step(images, labels, code, rate).loss)

        static = static_step(draw, images, labels)
        first = [seconds(dynamic), seconds(static)]
        times = [(seconds(dynamic), seconds(static)) for _ in range(pairs)]
        rows.append(
            {
                "stage": draw.stage,
                "resolution": side,
                "blocks": draw.subnet.num_blocks,
                "macs": cost(draw.subnet).macs,
                "first_seconds": first,
                "dynamic_ms": 1e3 * median(own for own, _ in times),
                "static_ms": 1e3 * median(other for _, other in times),
                "ratio": median(own / other for own, other in times),
            }
        )
        Console().print(f"subnet {len(rows)} of {subnets}: ratio {rows[-1]['ratio']:.2f}", highlight=False)
    show(rows)
    result = {
        "space": found.name,
        "batch_size": batch_size,
        "deterministic": deterministic,
        "first_step_seconds": rows[0]["first_seconds"][0],
        "median_ratio": median(row["ratio"] for row in rows),
        "traces": step.experimental_get_tracing_count(),
        "rows": rows,
        "packages": package_versions(),
        "environment": environment(time.monotonic() - begun),
    }
    print({name: result[name] for name in ("first_step_seconds", "median_ratio", "traces")})
    if output:
        files.write_json(output, result)


def draws(space: SearchSpace, seed: int, count: int) -> list[Draw]:
    """Random subnets, the scaling stages in turn."""
    found: list[Draw] = []
    step = 0
    while len(found) < count:
        draw = draw_subnet(space, seed, step)
        step += 1
        if draw.stage == len(found) % len(space.menus):
            found.append(draw)
    return found


def static_step(draw: Draw, images: Any, labels: Any) -> Callable[[], None]:
    """The training step of a user's own fixed Keras model, with Keras' SGD."""
    import keras
    import tensorflow as tf

    from scalenet_tf.static import build_model

    model = build_model(draw.subnet)
    optimizer = keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)
    optimizer.build(model.trainable_variables)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(autograph=False)
    def step() -> Any:
        with tf.GradientTape() as tape:
            value = loss(labels, model(images, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
        return value

    return lambda: float(step())


def seconds(act: Callable[[], None]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def show(rows: list[dict[str, Any]]) -> None:
    """Prints the table."""
    table = Table("stage", "px", "blocks", "MACs", "dynamic", "static", "ratio")
    for row in rows:
        table.add_row(
            f"S{row['stage']}",
            str(row["resolution"]),
            str(row["blocks"]),
            f"{row['macs'] / 1e6:.1f} M",
            f"{row['dynamic_ms']:.0f} ms",
            f"{row['static_ms']:.0f} ms",
            f"{row['ratio']:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
