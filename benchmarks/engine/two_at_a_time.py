"""Two subnets at a time, in two threads, against one after the other.

    python -m benchmarks.engine.two_at_a_time --space small --batch-size 64 --pairs 7

Scores are independent of each other. Two training steps at a time stand for one step that trains two subnets
as independent parts of one graph: the same operations may run at the same time. What they save is idle time
of the cores, so nothing else should run on the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.common.options import BatchSize, Pairs, Seed, Space, run_script

Call = Callable[[], Any]


def main(
    space: Space = "small",
    batch_size: BatchSize = 64,
    subnets: Annotated[int, typer.Option(min=2, help="Number of random subnets.")] = 24,
    pairs: Pairs = 5,
    seed: Seed = 0,
) -> None:
    """Print the ratio of two at a time to one after the other, for training steps and for scores.

    Example: python -m benchmarks.engine.two_at_a_time --space paper --batch-size 8 --subnets 6 --pairs 3
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow, setup

    load_tensorflow()
    setup(fast=False)
    from benchmarks.engine.sides import Dynamic, random_batch
    from scalenet_tf.presets import load_space
    from scalenet_tf.sampling import TrainingDraws

    loaded = load_space(space)
    side, draws = Dynamic.make(loaded, batch_size, seed), TrainingDraws(loaded, seed, "budget", "resolutions")
    drawn = [draws.at(step).subnet for step in range(subnets)]
    batches = [random_batch(loaded, subnet.resolution, batch_size, seed) for subnet in drawn]
    both = list(zip(drawn, batches, strict=True))
    table = Table("work", "one after the other", "cores busy", "two at a time: wall", "processor")
    for work, calls in {
        "training steps": [side.training(*one) for one in both],
        "forward passes of scores": [side.forward(*one) for one in both],
    }.items():
        rounds = [(_timed(calls, 1), _timed(calls, 2)) for _ in range(pairs + 1)][1:]
        alone = median(wall for (wall, _), _ in rounds), median(cpu for (_, cpu), _ in rounds)
        table.add_row(
            work,
            f"{1e3 * alone[0] / subnets:.1f} ms",
            f"{alone[1] / alone[0]:.2f}",
            *(f"{median(two[kind] / one[kind] for one, two in rounds):.2f}" for kind in (0, 1)),
        )
    Console().print(table)


def _timed(calls: Sequence[Call], threads: int) -> tuple[float, float]:
    """Seconds and processor seconds of all calls in some threads."""
    with ThreadPoolExecutor(threads) as pool:
        begun, worked = time.perf_counter(), time.process_time()
        list(pool.map(lambda call: call(), calls))
        return time.perf_counter() - begun, time.process_time() - worked


if __name__ == "__main__":
    run_script(main)
