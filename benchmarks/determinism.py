"""What deterministic operations cost: the same steps in two processes, one of them with `--fast`, in turns.

python -m benchmarks.determinism --space small --batch-size 64
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.common.options import BatchSize, OptionalOutput, Pairs, Seed, Space, run_script
from benchmarks.common.row import Progress
from scalenet_tf.presets import load_space
from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.utils import files

KINDS = ("supernet", "static")


def main(
    space: Space = "small",
    batch_size: BatchSize = 64,
    subnets: Annotated[int, typer.Option(min=1, help="Subnets per scaling stage.")] = 2,
    pairs: Pairs = 15,
    seed: Seed = 0,
    output: OptionalOutput = None,
) -> None:
    """Print the ratio deterministic / fast for a step of the super-supernet and of a plain Keras model.

    Example: python -m benchmarks.determinism --space paper --batch-size 8 --subnets 1
    """
    begun = time.monotonic()
    both: list[Connection] = []
    for fast in (False, True):
        here, there = multiprocessing.get_context("spawn").Pipe()
        child = multiprocessing.get_context("spawn").Process(
            target=serve, args=(there, space, batch_size, subnets, seed, fast), daemon=True
        )
        child.start()
        both.append(here)
    rows = []
    count = subnets * len(load_space(space).menus)
    progress = Progress("subnets", count)
    for index in range(count):
        # The first round traces and prepares kernels.
        times = [[ask(connection, index) for connection in both] for _ in range(pairs + 1)][1:]
        ratios = [median(slow[kind] / quick[kind] for slow, quick in times) for kind in range(len(KINDS))]
        rows.append({"subnet": index, "supernet": ratios[0], "static": ratios[1]})
        progress.advance(f"{ratios[0]:.2f}, {ratios[1]:.2f}")
    for connection in both:
        connection.send(None)
    table = Table("subnet", "super-supernet's step", "plain Keras model's step", title="deterministic / fast")
    for row in rows:
        table.add_row(str(row["subnet"]), f"{row['supernet']:.2f}", f"{row['static']:.2f}")
    Console().print(table)
    medians = {kind: median(row[kind] for row in rows) for kind in KINDS}
    result = {
        "space": space,
        "batch_size": batch_size,
        **medians,
        "rows": rows,
        "packages": package_versions(),
        "environment": environment(time.monotonic() - begun),
    }
    print({name: round(value, 3) for name, value in medians.items()})
    if output:
        files.write_json(output, result)


def ask(connection: Connection, subnet: int) -> list[float]:
    """Seconds of both kinds of step in the process at the other end."""
    connection.send(subnet)
    seconds: list[float] = connection.recv()
    return seconds


def serve(connection: Connection, space: str, batch_size: int, subnets: int, seed: int, fast: bool) -> None:
    """Receives indices of subnets and answers with the seconds of both kinds of step; None ends it."""
    from benchmarks.engine.ratios import clock
    from benchmarks.engine.sides import Dynamic, Static, draws, random_batch
    from scalenet_tf.utils import tf_setup

    tf_setup.setup(fast=fast)
    found = load_space(space)
    own = Dynamic.make(found, batch_size, seed)
    calls = []
    for draw in draws(found, seed, subnets):
        batch = random_batch(found, draw.subnet.resolution, batch_size)
        calls.append((own.training(draw.subnet, batch), Static.make(draw.subnet).training(batch)))
    for index in iter(connection.recv, None):
        connection.send([clock(call)[0] for call in calls[index]])


if __name__ == "__main__":
    run_script(main)
