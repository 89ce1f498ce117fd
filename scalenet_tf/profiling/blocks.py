"""Measures the blocks of a space, and checks their sums against whole networks; the same call resumes."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from scalenet_tf.costs.blocks import shapes_of_space, shapes_of_subnet
from scalenet_tf.costs.device import check_same, this_device
from scalenet_tf.costs.latency import blocks_ms, check_kind
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.profiling.calibration import check, fit, split
from scalenet_tf.profiling.progress import MeasuringProgress
from scalenet_tf.profiling.timing import time_in_turn
from scalenet_tf.run.provenance import environment
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.blocks import Part
from scalenet_tf.space.latency_table import LatencyTable, Measured, read_table, write_table
from scalenet_tf.utils import files
from scalenet_tf.utils.lock import Lock
from scalenet_tf.utils.tf_setup import threads_in_use

# Half of the networks calibrate the table, the others check it.
NETWORKS = 24
_FEWEST_NETWORKS = 4  # two to fit, and two to check
_BLOCKS_AT_A_TIME, _NETWORKS_AT_A_TIME = 8, 4
_ATTEMPTS = 3
_SEED, _MOST_DRAWS = 0, 2000

Item = TypeVar("Item")


def profile_blocks(
    space: SearchSpace,
    path: str | Path,
    stages: Sequence[int] | None = None,
    minutes: float | None = None,
    progress: MeasuringProgress | None = None,
) -> LatencyTable:
    """Measures the blocks and networks that a latency table still lacks; earlier measurements are kept.

    Every block is timed as a traced function of one image with constants for weights, as it executes in an
    exported network, less the time of an empty call. Then whole networks of all measured scaling stages are
    timed.

    Args:
      space: The space, with the channels and classes of the data.
      path: File of the table, written after every few blocks.
      stages: Scaling stages whose blocks are measured. Default: all.
      minutes: Time limit, after which the same call resumes. Default: none.
      progress: Shows the progress. Default: nothing is shown.

    Returns:
      The table; without `calibration` if the time limit was reached.

    Raises:
      ScaleNetError: If the file was begun on another device, with other libraries or for another kind of
        space, too few networks have these blocks, or another process measures for it.

    Example:
      >>> profile_blocks(load_space("small"), "latency.json").check.median_error
    """
    path = Path(path)
    files.check_place(path)
    # Two processes would disturb each other's times, and each write a table without the other's blocks.
    lock = Lock(path.with_name(f".{path.name}.lock"), f"measuring blocks for {str(path)!r}", "measurement")
    with lock:
        return _profile(space, path, stages, minutes, progress or MeasuringProgress(None))


def _profile(
    space: SearchSpace,
    path: Path,
    stages: Sequence[int] | None,
    minutes: float | None,
    progress: MeasuringProgress,
) -> LatencyTable:
    begun = time.monotonic()
    table = LatencyTable(
        device=this_device(threads_in_use()),
        activation=space.activation,
        squeeze_reduction=space.squeeze_reduction,
    )
    if path.is_file():
        written = read_table(path)
        check_same(written, table.device, path)
        check_kind(written, space)
        table = written
    wanted = shapes_of_space(space, stages)
    missing = [part for shape, part in wanted.items() if shape not in table.blocks]
    if missing:
        # Networks are drawn from the measured blocks: with more blocks, other networks are drawn.
        table = table.model_copy(update={"networks": (), "calibration": None, "check": None})
    elif table.calibration is not None:
        progress.begin(len(wanted), 0, 0)
        progress.end()
        return table
    networks = _draws(space, {*wanted, *table.blocks})
    progress.begin(len(wanted), len(missing), len(networks) - len(table.networks))
    try:
        for grown in _measure(table, networks, missing):
            table = grown
            write_table(path, table, environment(time.monotonic() - begun))
            left = sum(part.shape not in table.blocks for part in missing)
            progress.left(left, 0 if table.calibration else len(networks) - len(table.networks))
            if minutes is not None and time.monotonic() - begun > 60 * minutes:
                break
    finally:
        progress.end()
    return table


def _measure(
    table: LatencyTable, networks: Sequence[Subnet], missing: Sequence[Part]
) -> Iterator[LatencyTable]:
    """Yields the table after every few blocks or networks; the last one has calibration and check."""
    from scalenet_tf.profiling.block_graphs import cut_out, network, nothing

    empty, blocks = nothing(), dict(table.blocks)
    for last, group in _passes(missing, blocks):
        timed = [cut_out(part, table.activation, table.squeeze_reduction) for part in group]
        overhead, *times = time_in_turn([empty.call, *(one.call for one in timed)])
        blocks |= {
            part.shape: round(max(timing.milliseconds - overhead.milliseconds, 0.0) / one.blocks, 6)
            for part, one, timing in zip(group, timed, times, strict=True)
            if last or (timing.settled and overhead.settled)
        }
        table = table.model_copy(update={"blocks": dict(blocks)})
        yield table
    for subnets in _groups(networks[len(table.networks) :], _NETWORKS_AT_A_TIME):
        times = time_in_turn([network(subnet).call for subnet in subnets])
        found_networks = [
            Measured(blocks_ms=round(blocks_ms(table, subnet), 6), network_ms=round(timing.milliseconds, 6))
            for subnet, timing in zip(subnets, times, strict=True)
        ]
        table = table.model_copy(update={"networks": (*table.networks, *found_networks)})
        yield table
    fitted_on, checked_on = split(table.networks)
    calibration = fit(fitted_on)
    yield table.model_copy(update={"calibration": calibration, "check": check(calibration, checked_on)})


def _passes(parts: Sequence[Part], measured: Mapping[str, float]) -> Iterator[tuple[bool, Sequence[Part]]]:
    """Yields (whether this is the last attempt, a group of parts that are not measured yet).

    Parts whose times did not settle in a busy moment are tried again after all others.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        left = [part for part in parts if part.shape not in measured]
        for group in _groups(left, _BLOCKS_AT_A_TIME):
            yield attempt == _ATTEMPTS, group


def _draws(space: SearchSpace, shapes: Container[str]) -> list[Subnet]:
    """Random distinct subnets of all scaling stages whose blocks are among `shapes`.

    Raises:
      ScaleNetError: If there are too few.
    """
    found: dict[str, Subnet] = {}
    for step in range(_MOST_DRAWS):
        subnet = draw_subnet(space, _SEED, step, "equal").subnet
        if all(shape in shapes for shape in shapes_of_subnet(subnet)):
            found.setdefault(subnet.key, subnet)
        if len(found) == NETWORKS:
            break
    if len(found) < _FEWEST_NETWORKS:
        raise InvalidInputError(
            f"a latency table is checked on at least {_FEWEST_NETWORKS} networks. Received: blocks of which "
            f"{len(found)} can be made. Measure more scaling stages, or a space with more ops or depths."
        )
    return list(found.values())


def _groups(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
