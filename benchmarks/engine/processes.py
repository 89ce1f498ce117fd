"""Rows that need a fresh process for each side: the first step, and the peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.common.row import Progress, Row


def first_step_row(name: str, batch_size: int, seed: int, deterministic: bool) -> list[Row]:
    """Seconds from built weights and optimizer to the end of the first step, with tracing."""
    progress = Progress("first step", 2)
    sides = {}
    for side in ("dynamic", "static"):
        sides[side] = run(side, name, batch_size, 0, 1, seed, deterministic)
        progress.advance(f"{side} {sides[side]['first_seconds']:.1f} s")
    own = sides["dynamic"]
    note = (
        f"{own['trace_seconds']:.1f} s of it tracing; static model {sides['static']['first_seconds']:.1f} s"
    )
    return [Row(f"first training step, {name}", 12.0, own["first_seconds"], "s", note, sides)]


def memory_row(name: str, batch_size: int, stage: int, seed: int, deterministic: bool) -> list[Row]:
    """Peak resident memory of a process that trains for a few steps, less its weights and momentum."""
    progress = Progress("memory", 2)
    sides = {}
    for side in ("dynamic", "static"):
        found = run(side, name, batch_size, stage, 3, seed, deterministic)
        found["net_peak"] = found["peak_bytes"] - found["state_bytes"]
        sides[side] = found
        progress.advance(f"{side} {found['net_peak'] / 1e6:.0f} MB")
    ratio = sides["dynamic"]["net_peak"] / sides["static"]["net_peak"]
    grown = {side: found["peak_bytes"] - found["before_bytes"] for side, found in sides.items()}
    note = (
        f"{sides['dynamic']['net_peak'] / 1e6:.0f} MB to {sides['static']['net_peak'] / 1e6:.0f} MB; "
        f"growth since before the first step {grown['dynamic'] / grown['static']:.2f}"
    )
    what = f"peak memory less weights and momentum, {name}, S{stage}, batch {batch_size}: dynamic / static"
    return [Row(what, 1.25, round(ratio, 3), note=note, detail=sides)]


def run(
    side: str, name: str, batch_size: int, stage: int, steps: int, seed: int, deterministic: bool
) -> dict[str, Any]:
    """Runs `child.py` in a process of its own, and returns what it prints."""
    arguments = [side, name, batch_size, stage, steps, seed, int(deterministic)]
    command = [sys.executable, "-m", "benchmarks.engine.child", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
