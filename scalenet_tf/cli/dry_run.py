"""The option `--dry-run`: the work of a run and its time on this device; nothing is written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from scalenet_tf.cli.begin import asked_config
from scalenet_tf.cli.fitted import Column, FittedTable, console
from scalenet_tf.cli.json_result import write_result
from scalenet_tf.cli.tables import data_table, numbers
from scalenet_tf.config import RunConfig
from scalenet_tf.forecast.limit import limit_in_words
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.formatting import count, duration, memory
from scalenet_tf.utils.resident_memory import peak_resident_memory
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.forecast import Forecast
    from scalenet_tf.run.data_info import DataInfo

logger = logging.getLogger(__name__)

_TITLES = {"train": "super-supernet", "search": "joint search", "retrain": "members", "export": "export"}


def dry_run(
    path: Path, config: str | None, given: list[str], minutes: float | None = None, json: str | None = None
) -> None:
    """Prints the images, the family and the work of a run, with times measured by a few real steps.

    Args:
      path: Directory of the run, which need not exist if there is a configuration.
      config: Name or path of a configuration; None for the run's own.
      given: Overrides as "dotted.key=value".
      minutes: Minutes that the run may take; None for no limit.
      json: Words of the command, to print its result as JSON; None for tables.

    Raises:
      ScaleNetError: If the run could not be begun.
    """
    logger.info("a dry run of %s: nothing will be written", path)
    asked = asked_config(path, config, given)
    load_tensorflow()
    from scalenet_tf.forecast.survey import surveyed

    found = surveyed(asked, fast=True)  # for this process alone, whose results are times
    settings = found.settings_within(minutes) if minutes else {}
    found = found.with_settings(settings)
    work = found.forecast()
    if json is not None:
        return write_result(json, _result(found.config, found.space, found.data.info, work, settings))
    out = console()
    out.print(data_table(found.config.data.source, found.data.info))
    for part in _shown(found.config, found.space, work):
        out.print(part)
    if minutes:
        out.print(limit_in_words(settings, minutes, work.seconds), soft_wrap=True)


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
        "Measured by a few steps on this device, as busy as it is now; a few seconds to start each step are "
        "not counted. Nothing was written. `--minutes N` makes a run shorter."
    )
    yield FittedTable(columns, "the work of the run", [note])
    yield f"memory of this process so far: {memory(peak_resident_memory())}"


def _result(
    config: RunConfig, space: SearchSpace, info: DataInfo, found: Forecast, settings: dict[str, Any]
) -> dict[str, Any]:
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
        "settings": settings,
    }
