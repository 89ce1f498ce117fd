"""Where the time of a training step goes, for the super-supernet and for a plain Keras model of its subnet.

    python -m benchmarks.engine.step_profile --stage 1
    python -m benchmarks.engine.step_profile --space small --batch-size 128 --stage 3 --steps 10

TensorFlow's profiler times each operation. Times are summed over the operations of a kind, which may run at
the same time; operations that only call others are left out. The static sides are those of
`benchmarks.engine`.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.common.options import BatchSize, Seed, Space, Stage, run_script

# Kinds of operations by a part of their names; the first match counts.
KINDS = {
    "batch norm, fused": ("FusedBatchNorm",),
    "depthwise convolutions": ("Depthwise",),
    "convolutions": ("Conv2D",),
    "matrix products: sums of composed batch norm, squeeze-excite, classifier": ("MatMul",),
    "reductions": ("Sum", "Mean", "Max", "Min", "L2Loss"),
    "gather, scatter, slices, joins": ("Gather", "Scatter", "Split", "Slice", "Concat", "Pad", "Pack"),
    "lists of rows": ("TensorList", "TensorArray", "Stack"),
    "optimizer": ("ResourceApply", "Assign"),
    "elementwise": (),
}
_CALLS = ("While", "If", "Case", "Call", "Function", "Switch", "Merge", "Enter", "Exit", "NextIteration")


def main(
    space: Space = "paper",
    stage: Stage = 1,
    batch_size: BatchSize = 8,
    steps: Annotated[int, typer.Option(min=1, help="Steps to profile, after three that are not.")] = 3,
    seed: Seed = 0,
) -> None:
    """Print the milliseconds of a step by kind of operation.

    Example: python -m benchmarks.engine.step_profile --space small --batch-size 128
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from benchmarks.engine.sides import Dynamic, Static, draws, random_batch
    from scalenet_tf.members.fused_norm import FusedBatchNormalization
    from scalenet_tf.presets import load_space
    from scalenet_tf.utils import tf_setup

    tf_setup.setup(fast=False)
    loaded = load_space(space)
    subnet = next(draw for draw in draws(loaded, seed, 1) if draw.scaling_stage == stage).subnet
    batch = random_batch(loaded, subnet.resolution, batch_size, seed)
    sides = {
        "super-supernet": Dynamic.make(loaded, batch_size, seed).training(subnet, batch),
        "static, Keras' batch norm": Static.make(subnet).training(batch),
        "static, the members' batch norm": Static.make(subnet, FusedBatchNormalization).training(batch),
    }
    profiles = {name: _by_kind(_profile(call, steps)) for name, call in sides.items()}
    table = Table(f"{space}, S{stage}, {subnet.resolution} px, batch {batch_size}: ms a step", *profiles)
    for kind in ("all", *KINDS):
        values = [profile.total() if kind == "all" else profile[kind] for profile in profiles.values()]
        table.add_row(kind, *(f"{value / steps:,.1f}" for value in values))
    Console().print(table)


def _profile(call: Callable[[], Any], steps: int) -> Counter[str]:
    """Milliseconds of each type of operation."""
    import tensorflow as tf
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    for _ in range(3):
        call()
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            for _ in range(steps):
                call()
        (path,) = Path(folder).rglob("*.xplane.pb")
        space = xplane_pb2.XSpace.FromString(path.read_bytes())
    spent: Counter[str] = Counter()
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                # Operations are named "place:Type", methods of the runtime "Class::Method".
                place, _, kind = plane.event_metadata[event.metadata_id].name.rpartition(":")
                if place and place[-1] != ":" and kind.isidentifier() and not kind.endswith(_CALLS):
                    spent[kind] += event.duration_ps / 1e9
    return spent


def _by_kind(spent: Counter[str]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for operation, milliseconds in spent.items():
        kinds[next(kind for kind, parts in KINDS.items() if _fits(operation, parts))] += milliseconds
    return kinds


def _fits(operation: str, parts: tuple[str, ...]) -> bool:
    return not parts or any(part in operation for part in parts)


if __name__ == "__main__":
    run_script(main)
