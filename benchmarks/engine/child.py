"""Trains one side for a few steps; prints the seconds of the first step and the peak memory as JSON.

`processes.py` starts it in a process of its own.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from benchmarks.engine.sides import Dynamic, Static, draws, random_batch
from scalenet_tf.presets import load_space
from scalenet_tf.utils import tf_setup


def memory(field: str) -> int:
    """Bytes of a field of /proc/self/status, such as VmHWM."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if not found:
        raise SystemExit(f"/proc/self/status has no {field}: this row needs Linux")
    return 1024 * int(found[1])


def main(
    side: str, name: str, batch_size: int, stage: int, steps: int, seed: int, deterministic: int
) -> None:
    """Trains for `steps` steps.

    Args:
      side: "dynamic" or "static".
      name: Name of the space.
      batch_size: Images per step.
      stage: Scaling stage of the subnet.
      steps: Number of steps.
      seed: Seed of the subnet and the images.
      deterministic: 1 for deterministic operations, else 0.
    """
    tf_setup.setup(fast=not deterministic)
    space = load_space(name)
    subnet = next(draw for draw in draws(space, seed, 1) if draw.scaling_stage == stage).subnet
    batch = random_batch(space, subnet.resolution, batch_size, seed)
    own = Dynamic.make(space, batch_size, seed) if side == "dynamic" else Static.make(subnet)
    before = memory("VmRSS")
    begun, worked = time.monotonic(), time.process_time()
    traced = begun
    if isinstance(own, Dynamic):
        own.step.get_concrete_function()  # type: ignore[attr-defined]  # a tf.function
        traced = time.monotonic()
        call = own.training(subnet, batch)
    else:
        call = own.training(batch)
    call()
    first, worked = time.monotonic() - begun, time.process_time() - worked
    for _ in range(steps - 1):
        call()
    result = {
        "first_seconds": round(first, 2),
        "trace_seconds": round(traced - begun, 2),
        "first_processor_seconds": round(worked, 2),
        "state_bytes": own.state_bytes,
        "before_bytes": before,
        "peak_bytes": memory("VmHWM"),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
