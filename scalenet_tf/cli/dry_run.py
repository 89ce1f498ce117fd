"""The option `--dry-run`: the work of a run and its time on this device; nothing is written."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from scalenet_tf.cli.fitted import Column, FittedTable, console
from scalenet_tf.cli.json_result import write_result
from scalenet_tf.cli.tables import data_table, numbers
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.formatting import count, duration, memory
from scalenet_tf.utils.tf_setup import load_tensorflow, setup

if TYPE_CHECKING:
    from scalenet_tf.forecast import Forecast
    from scalenet_tf.run.data_info import DataInfo

logger = logging.getLogger(__name__)

_TITLES = {"train": "super-supernet", "search": "joint search", "retrain": "members"}


def dry_run(path: Path, config: str | None, given: list[str], json: str | None = None) -> None:
    """Prints the images, the family and the work of a run, with times measured by a few real steps.

    Args:
      path: Directory of the run, which need not exist if there is a configuration.
      config: Name or path of a configuration; None for the run's own.
      given: Overrides as "dotted.key=value".
      json: Words of the command, to print its result as JSON; None for tables.

    Raises:
      ScaleNetError: If the run could not be begun.
    """
    logger.info("a dry run of %s: nothing will be written", path)
    found = _configuration(path, config, given)
    load_tensorflow()
    setup(fast=True)  # for this process alone, whose results are times
    from scalenet_tf.checks import check_run
    from scalenet_tf.data.load import load_checked
    from scalenet_tf.forecast import forecast
    from scalenet_tf.run.requested_space import requested_space

    space = requested_space(found)
    data = load_checked(found.data, found.seed, side=space.largest_resolution, task=found.task).data
    space = space.for_data(data.info.channels, data.info.classes)
    check_run(found, space, data.info.counts["train"])
    if json is not None:
        work = forecast(found, space, data)
        return write_result(json, _result(found, space, data.info, work))
    out = console()
    out.print(data_table(found.data.source, data.info))
    for part in _shown(found, space, forecast(found, space, data)):
        out.print(part)


def _configuration(path: Path, config: str | None, given: list[str]) -> RunConfig:
    from scalenet_tf.cli.begin import config_for
    from scalenet_tf.run.config_file import read_config_file
    from scalenet_tf.run.layout import RunFolder

    folder = RunFolder(check_directory("run", path))
    if config is None and folder.config_file.is_file():
        return read_config_file(folder, given)
    return load_config(config or config_for(path, given), given)


def _shown(config: RunConfig, space: SearchSpace, found: Forecast) -> Iterator[RenderableType]:
    stages = range(len(space.menus) + config.scale.extra_stages)
    targets = [count(space.budget.target(space.budget.macs, stage)) for stage in stages]
    family = ", ".join(f"S{stage} {target}" for stage, target in zip(stages, targets, strict=True))
    yield f"family of space {space.name}, multiply-adds of an image: {family}"
    steps = [*found.steps]
    columns = [
        Column("step", [*(_TITLES[step.work.step] for step in steps), "in all"]),
        Column("work", [*(step.work.amount for step in steps), ""], 1),
        numbers("trained images", [*(f"{step.work.trained.count:,}" for step in steps), ""], 3),
        numbers("scored images", [*(f"{step.work.scored.count:,}" for step in steps), ""], 3),
        numbers("MACs", [*(count(step.work.macs) for step in steps), ""], 2),
        numbers("about", [*(duration(step.seconds) for step in steps), duration(found.seconds)]),
    ]
    note = (
        "Measured by a few steps on this device, as busy as it is now. Not counted: some seconds to start "
        "each step and to prepare each network, and the export. Nothing was written."
    )
    yield FittedTable(columns, "the work of the run", [note])
    yield f"memory of this process so far: {memory(_peak_memory())}"


def _result(config: RunConfig, space: SearchSpace, info: DataInfo, found: Forecast) -> dict[str, Any]:
    stages = range(len(space.menus) + config.scale.extra_stages)
    return {
        "source": config.data.source,
        "data": info,
        "space": space.name,
        "target_macs": [space.budget.target(space.budget.macs, stage) for stage in stages],
        "steps": [
            {
                "step": step.work.step,
                "amount": step.work.amount,
                "trained_images": step.work.trained.count,
                "scored_images": step.work.scored.count,
                "macs": step.work.macs,
                "seconds": step.seconds,
            }
            for step in found.steps
        ],
        "seconds": found.seconds,
    }


def _peak_memory() -> int:
    """Peak resident memory of this process in bytes; Linux counts in kibibytes, macOS in bytes."""
    import resource  # Windows has none.

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
