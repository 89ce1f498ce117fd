"""Training steps fed by the input pipeline, compared with the same steps on batches in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks.common.row import Progress, Row
from benchmarks.engine.sides import Batch, Dynamic, random_batch
from scalenet_tf.config import load_config
from scalenet_tf.data import load_data
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_resolutions, draw_subnet

# Steps per block: many enough that the batches prefetched before a block do not matter.
BLOCK = 40


def fed_step_row(blocks: int, seed: int) -> list[Row]:
    """Median ratio over pairs of blocks with the same subnets, with the configuration `quickstart`.

    Args:
      blocks: Number of pairs.
      seed: Seed of the subnets and batches.
    """
    config = load_config("quickstart")
    size, weights = config.supernet.batch_size, config.supernet.stage_weights
    space = load_space("small")
    data = load_data(config.data, seed)
    dynamic = Dynamic.make(space, size, seed)
    steps = BLOCK * (blocks + 1)
    resolutions = draw_resolutions(space, seed, steps, weights)
    fed = iter(
        data.training_batches(
            batch_size=size, seed=seed, resolutions=resolutions, augmentation=config.data.augmentation
        )
    )
    at_hand = {int(side): random_batch(space, int(side), size, seed) for side in set(resolutions)}
    progress = Progress("input pipeline", blocks + 1)
    pairs = []
    for block in range(blocks + 1):
        numbers = range(block * BLOCK, (block + 1) * BLOCK)
        draws = [draw_subnet(space, seed, number, weights).subnet for number in numbers]
        cached = iter([at_hand[subnet.resolution] for subnet in draws])
        pair = {name: _seconds(dynamic, draws, source) for name, source in (("fed", fed), ("cached", cached))}
        progress.advance(f"{size * BLOCK / pair['fed']:.0f} images/s")
        pairs.append(pair)
    ratio = median(pair["fed"] / pair["cached"] for pair in pairs[1:])  # The first one traces.
    rate = size * BLOCK / median(pair["fed"] for pair in pairs[1:])
    note = f"{rate:.0f} images/s; median of {blocks} blocks of {BLOCK} steps"
    return [
        Row(
            f"step fed by the input pipeline, small, batch {size} / on a cached batch", 1.05, ratio, note=note
        )
    ]


def _seconds(dynamic: Dynamic, subnets: list[Any], source: Iterator[Batch]) -> float:
    begun = time.perf_counter()
    for subnet in subnets:
        call: Callable[[], float] = dynamic.training(subnet, next(source))
        call()
    return time.perf_counter() - begun
