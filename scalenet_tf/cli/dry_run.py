"""The option `--dry-run`: the work of a run and its time on this device; nothing is written."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from scalenet_tf.cli.tables import console, data_table
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.formatting import count, duration, memory
from scalenet_tf.utils.tf_setup import load_tensorflow, setup

if TYPE_CHECKING:
    from scalenet_tf.forecast import Forecast

_TITLES = {"train": "super-supernet", "search": "joint search", "retrain": "members"}


def dry_run(path: Path, config: str | None, given: list[str]) -> None:
    """Prints the images, the family and the work of a run, with times measured by a few real steps.

    Args:
      path: Directory of the run, which need not exist if there is a configuration.
      config: Name or path of a configuration; None for the run's own.
      given: Overrides as "dotted.key=value".

    Raises:
      ScaleNetError: If the run could not be begun.
    """
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
    table = Table("step", "work", title="the work of the run", title_justify="left")
    for heading in ("trained images", "scored images", "MACs", "about"):
        table.add_column(heading, justify="right", no_wrap=True)
    for step in found.steps:
        images = (f"{part.count:,}" for part in (step.work.trained, step.work.scored))
        table.add_row(
            _TITLES[step.work.step], step.work.amount, *images, count(step.work.macs), duration(step.seconds)
        )
    table.add_row("in all", "", "", "", "", duration(found.seconds))
    table.caption = (
        "Measured by a few steps on this device, as busy as it is now. Not counted: some seconds to start "
        "each step and to prepare each network, and the export. Nothing was written."
    )
    yield table
    yield f"memory of this process so far: {memory(_peak_memory())}"


def _peak_memory() -> int:
    """Peak resident memory of this process in bytes; Linux counts in kibibytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
