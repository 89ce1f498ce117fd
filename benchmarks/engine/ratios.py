"""Times of a training step and of a forward pass, dynamic over static, for subnets of each scaling stage."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.common.row import Progress, Row
from benchmarks.engine.sides import Call, Dynamic, Static, draws, random_batch
from scalenet_tf.costs.macs import cost
from scalenet_tf.members.fused_norm import FusedBatchNormalization
from scalenet_tf.presets import load_space


def ratio_rows(
    name: str, batch_size: int, goals: tuple[float, float], each: int, pairs: int, seed: int
) -> list[Row]:
    """Two rows for a space, training and evaluation: the largest median of a scaling stage.

    The static model has Keras' own batch norm; a third side has TensorFlow's fused operation, as the
    super-supernet has, and is faster.

    Args:
      name: Name of the space.
      batch_size: Images per step.
      goals: Largest ratios for training and evaluation.
      each: Number of subnets per scaling stage.
      pairs: How often the sides take turns.
      seed: Seed of the subnets and batches.
    """
    space = load_space(name)
    dynamic = Dynamic.make(space, batch_size, seed)
    found = draws(space, seed, each)
    progress = Progress(name, len(found))
    measured = []
    for draw in found:
        subnet = draw.subnet
        batch = random_batch(space, subnet.resolution, batch_size, seed)
        static = Static.make(subnet)
        training = alternate(
            {
                "dynamic": dynamic.training(subnet, batch),
                "static": static.training(batch),
                "fused": Static.make(subnet, FusedBatchNormalization).training(batch),
            },
            pairs,
        )
        forward = {"dynamic": dynamic.forward(subnet, batch), "static": static.forward(batch)}
        evaluation = alternate(forward, 2 * pairs)
        common = {
            "stage": draw.scaling_stage,
            "resolution": subnet.resolution,
            "blocks": subnet.num_blocks,
            "macs": cost(subnet).macs,
        }
        measured.append({"training": common | training, "evaluation": common | evaluation})
        ratios = [f"{kind} {measured[-1][kind]['ratio']:.2f}" for kind in ("training", "evaluation")]
        progress.advance(f"S{draw.scaling_stage}, {subnet.resolution} px: {', '.join(ratios)}")
    return [
        _row(f"{kind}, {name}, batch {batch_size}", goal, [each[kind] for each in measured])
        for kind, goal in zip(("training", "evaluation"), goals, strict=True)
    ]


def alternate(sides: dict[str, Call], pairs: int) -> dict[str, Any]:
    """Runs the sides in turns, after two runs of each that are not counted.

    Args:
      sides: The sides by name.
      pairs: Number of turns.

    Returns:
      Medians of the milliseconds of each side, and of the ratios of the first side to every other side, by
      wall time and by CPU time of all threads; CPU time is less disturbed by other work on the machine.
    """
    for call in [*sides.values()] * 2:
        call()
    times = [{name: clock(call) for name, call in sides.items()} for _ in range(pairs)]
    first, *others = sides
    result: dict[str, Any] = {
        f"{name}_ms": round(1e3 * median(pair[name][0] for pair in times), 2) for name in sides
    }
    for other in others:
        suffix = "" if other == others[0] else f"_to_{other}"
        for place, kind in enumerate(("ratio", "cpu_ratio")):
            ratios = [pair[first][place] / pair[other][place] for pair in times]
            result[kind + suffix] = round(median(ratios), 4)
    return result


def clock(call: Call) -> tuple[float, float]:
    """Wall seconds and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def _row(what: str, goal: float, subnets: Sequence[dict[str, Any]]) -> Row:
    kinds = [kind for kind in subnets[0] if "ratio" in kind]
    stages = sorted({subnet["stage"] for subnet in subnets})
    by_stage = {
        kind: [round(median(s[kind] for s in subnets if s["stage"] == stage), 3) for stage in stages]
        for kind in kinds
    }
    parts = [f"S{stage} {ratio:.2f}" for stage, ratio in zip(stages, by_stage["ratio"], strict=True)]
    note = ", ".join(parts) + f"; CPU time {max(by_stage['cpu_ratio']):.2f}"
    if "ratio_to_fused" in by_stage:
        note += f"; to fused batch norm {max(by_stage['ratio_to_fused']):.2f}"
    detail = {"median_by_stage": by_stage, "subnets": list(subnets)}
    return Row(f"{what}: dynamic / static", goal, max(by_stage["ratio"]), note=note, detail=detail)
