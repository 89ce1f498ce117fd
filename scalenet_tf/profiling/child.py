"""Measures one exported model in a process of its own, and prints what it found as JSON.

python -m scalenet_tf.profiling.child FORMAT MODEL SIDE CHANNELS THREADS
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.runtimes import Call, load
from scalenet_tf.run.exports import Format
from scalenet_tf.run.profile import CallTimes, ProcessCost
from scalenet_tf.utils.resident_memory import peak_resident_memory

BATCHES = (1, 8, 32)
_WARM_UP = 5
_SECONDS = 0.5
_FEWEST, _MOST = 10, 200


def measure(form: Format, model: Path, side: int, channels: int, threads: int) -> ProcessCost:
    """Milliseconds p50 and p90 of each batch, and the most bytes that the process held at a time."""
    prepare = load(form, model, threads)
    generator = np.random.default_rng(0)
    latency = {}
    for batch in BATCHES:
        images = generator.integers(0, 256, (batch, side, side, channels), np.uint8)
        times = _times(prepare(images))
        latency[batch] = CallTimes(
            p50=round(float(np.percentile(times, 50)), 4),
            p90=round(float(np.percentile(times, 90)), 4),
            calls=len(times),
        )
    return ProcessCost(latency_ms=latency, peak_memory=peak_resident_memory())


def _times(call: Call) -> list[float]:
    for _ in range(_WARM_UP):
        call()
    times: list[float] = []
    end = time.perf_counter() + _SECONDS
    while len(times) < _FEWEST or (len(times) < _MOST and time.perf_counter() < end):
        begun = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - begun))
    return times


def main(form: str, model: str, side: str, channels: str, threads: str) -> int:
    try:
        found = measure(Format(form), Path(model), int(side), int(channels), int(threads))
    except ScaleNetError as error:
        print(f"scalenet: {error}", file=sys.stderr)
        return 2
    print(found.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
