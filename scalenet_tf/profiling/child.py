"""Measures one exported model in a process of its own, and prints the figures as JSON.

python -m scalenet_tf.profiling.child FORMAT MODEL SIDE CHANNELS THREADS
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.profiling.runtimes import load
from scalenet_tf.run.exports import Format
from scalenet_tf.run.profile import CallTimes, ProcessCost
from scalenet_tf.utils.allocator import set_allocator
from scalenet_tf.utils.lifeline import end_with_parent
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.resident_memory import peak_resident_memory
from scalenet_tf.utils.system_errors import user_errors
from scalenet_tf.utils.timing import time_calls

BATCHES = (1, 8, 32)
_WARM_UP = 5
_SECONDS = 0.5
_FEWEST, _MOST = 10, 200


def measure(form: Format, model: Path, side: int, channels: int, threads: int) -> ProcessCost:
    """Returns the latency for each batch size, and the peak memory of the process in bytes."""
    prepare = load(form, model, threads)
    generator = np.random.default_rng(0)
    latency = {}
    for batch in BATCHES:
        images = generator.integers(0, 256, (batch, side, side, channels), np.uint8)
        times = time_calls(prepare(images), warm_up=_WARM_UP, fewest=_FEWEST, most=_MOST, seconds=_SECONDS)
        latency[batch] = CallTimes(
            p50=round(float(np.percentile(times, 50)), 4),
            p90=round(float(np.percentile(times, 90)), 4),
            calls=len(times),
        )
    return ProcessCost(latency_ms=latency, peak_memory=peak_resident_memory())


def main(form: str, model: str, side: str, channels: str, threads: str) -> int:
    end_with_parent()
    try:
        with user_errors():
            set_allocator()  # Kernels are as the parent says, which records them.
            found = measure(Format(form), Path(model), int(side), int(channels), int(threads))
    except ScaleNetError as error:
        write_line(f"scalenet: {error}", sys.stderr)
        return 2
    print(found.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
