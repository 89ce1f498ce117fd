"""What one arena of malloc saves: training, and requests to an exported model, with it and without it.

    python -m benchmarks.allocator --output allocator.json
    python -m benchmarks.allocator --only supernet --no-onednn --pairs 5

Sides take turns, each in a fresh process; ratios are of CPU time, which other work on the machine disturbs
less, and of wall time. The same steps must give the same numbers to the bit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.common.row import Progress
from scalenet_tf.costs.device import describe_device
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.provenance import environment, git_commit, package_versions
from scalenet_tf.utils import files
from scalenet_tf.utils.allocator import ONE_ARENA, SYSTEM, VARIABLE
from scalenet_tf.utils.kernels import ONEDNN

KINDS = ("cpu_seconds", "seconds")


class Work(StrEnum):
    """What is measured: training as `train` and `retrain` do it, and requests to a loaded SavedModel."""

    supernet = "supernet"
    member = "member"
    serve = "serve"


def main(
    only: Annotated[list[Work] | None, typer.Option(help="repeatable; all where none")] = None,
    space: Annotated[str, typer.Option(help="for grey images of 10 classes")] = "small",
    batch_size: Annotated[int, typer.Option(min=1)] = 64,
    subnets: Annotated[int, typer.Option(min=1, help="of each scaling stage")] = 1,
    steps: Annotated[int, typer.Option(min=1, help="of each subnet, after the warm-up")] = 40,
    pairs: Annotated[int, typer.Option(min=1, help="processes of each side, in turn")] = 3,
    onednn: Annotated[
        bool | None, typer.Option(help="TF_ENABLE_ONEDNN_OPTS; as TensorFlow decides where neither")
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[Path | None, typer.Option(help="JSON file to write")] = None,
) -> None:
    """Medians over pairs of processes; training also against Keras' `fit` in a process that is not ours.

    Example: python -m benchmarks.allocator --only supernet --pairs 5 --output allocator.json
    """
    begun, works = time.monotonic(), only or list(Work)
    variables = {} if onednn is None else {ONEDNN: str(int(onednn))}
    arguments = (space, batch_size, subnets, steps, seed)
    sides = [(str(work), how) for work in works for how in (ONE_ARENA, SYSTEM)]
    if set(works) - {Work.serve}:
        sides.append(("fit", SYSTEM))
    progress, rounds = Progress("processes", pairs * len(sides)), []
    for _ in range(pairs):
        found = {}
        for side in sides:
            found[side] = _measure(*side, arguments, variables)
            progress.advance(f"{' '.join(side)}: {_per_step(found[side])['cpu_seconds'] * 1e3:.1f} ms of CPU")
        rounds.append(found)
    rows = [row for work in works for row in _rows(str(work), rounds)]
    _show(rows, space, batch_size)
    if output:
        result = {
            "schema": 1,
            "space": space,
            "batch_size": batch_size,
            "subnets": subnets,
            "steps": steps,
            "seed": seed,
            "onednn": onednn,
            "pairs": pairs,
            "rows": rows,
            "device": describe_device(0).model_dump(mode="json"),
            "git_commit": git_commit(),
            "packages": package_versions(),
            "environment": environment(time.monotonic() - begun),
        }
        files.write_json(output, result)


def _measure(work: str, how: str, arguments: tuple[Any, ...], variables: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.allocator.child", work, *map(str, arguments)]
    surroundings = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ, **variables, VARIABLE: how}
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings, check=False)
    if done.returncode:
        raise ScaleNetError(f"{work} could not be measured: {done.stderr.strip()}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _per_step(found: dict[str, Any]) -> dict[str, float]:
    """Means over all groups: of training the scaling stages, of requests the sizes of batches."""
    costs = found["costs"].values()
    steps = sum(cost["steps"] for cost in costs)
    kinds = (*KINDS, "system_seconds", "page_faults")
    return {kind: sum(cost[kind] for cost in costs) / steps for kind in kinds}


def _rows(work: str, rounds: list[dict[tuple[str, str], dict[str, Any]]]) -> list[dict[str, Any]]:
    """The work with one arena beside the same without, and beside Keras' fit."""
    if any(found[work, ONE_ARENA]["results"] != found[work, SYSTEM]["results"] for found in rounds):
        raise AssertionError(f"{work} gives other numbers with another allocator")
    others = [(work, SYSTEM)] if work == Work.serve else [(work, SYSTEM), ("fit", SYSTEM)]
    return [_row((work, ONE_ARENA), other, rounds) for other in others]


def _row(
    first: tuple[str, str], other: tuple[str, str], rounds: list[dict[tuple[str, str], dict[str, Any]]]
) -> dict[str, Any]:
    both = [(found[first], found[other]) for found in rounds]
    row: dict[str, Any] = {"first": first, "other": other}
    row["allocators"] = [each["allocator"] for each in both[0]]
    for kind in KINDS:
        ratios = [_per_step(one)[kind] / _per_step(two)[kind] for one, two in both]
        row[f"{kind}_ratio"] = round(median(ratios), 4)
    row["cpu_ratio_by_group"] = {
        group: round(median(_cpu(one, group) / _cpu(two, group) for one, two in both), 4)
        for group in both[0][0]["costs"]
    }
    for side, place in (("first", 0), ("other", 1)):
        per_step = [_per_step(pair[place]) for pair in both]
        medians = {kind: median(each[kind] for each in per_step) for kind in per_step[0]}
        medians["peak_bytes"] = median(pair[place]["peak_bytes"] for pair in both)
        row[f"{side}_per_step"] = medians
    return row


def _cpu(found: dict[str, Any], group: str) -> float:
    cost = found["costs"][group]
    return float(cost["cpu_seconds"] / cost["steps"])


def _show(rows: list[dict[str, Any]], space: str, batch_size: int) -> None:
    table = Table("first", "other", "CPU", "wall", "CPU ms a step", "page faults a step", "peak MB")
    table.title = f"first / other, {space}, batch {batch_size}"
    for row in rows:
        names = [" ".join(row[side]) for side in ("first", "other")]
        ratios = [f"{row[f'{kind}_ratio']:.2f}" for kind in KINDS]
        one, two = row["first_per_step"], row["other_per_step"]
        table.add_row(
            *names,
            *ratios,
            f"{1e3 * one['cpu_seconds']:.1f}, {1e3 * two['cpu_seconds']:.1f}",
            f"{one['page_faults']:,.0f}, {two['page_faults']:,.0f}",
            f"{one['peak_bytes'] / 1e6:,.0f}, {two['peak_bytes'] / 1e6:,.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    try:
        typer.run(main)
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
