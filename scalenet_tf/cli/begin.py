"""Commands that begin a run, or go on with one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.cli import options
from scalenet_tf.cli.json_result import JsonOption
from scalenet_tf.distribute.cluster import Cluster, read_cluster
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.config import RunConfig
    from scalenet_tf.run import Run

logger = logging.getLogger(__name__)


def config_for(path: Path, given: list[str]) -> str:
    """Returns the name of the configuration that fits the images of a new run without --config.

    Args:
      path: Directory of the run, for the error.
      given: Overrides as "dotted.key=value".

    Raises:
      ScaleNetError: If they name no images.
    """
    from scalenet_tf.config import load_config
    from scalenet_tf.run.paths import check_folder

    asked = load_config("quickstart", given)
    data = asked.data
    if data.source == "bundled":
        if any(text.startswith("data.source=") for text in given):
            return "quickstart"
        raise InvalidInputError(
            f"there is no run at {str(path)!r} yet, so --config is needed: a name such as quickstart, "
            "or a YAML file. With --data, the one that fits the images is taken."
        )
    check_folder(data)
    logger.info("looking at the images of %s to choose a configuration", data.source)
    load_tensorflow()
    from scalenet_tf.data.propose import propose_config

    return propose_config(data, asked.task)


def _shortened(
    path: Path, config: str | None, given: list[str], minutes: float, cluster: Cluster
) -> tuple[str | None, list[str]]:
    if cluster.several:
        raise InvalidInputError(
            "`--minutes` measures one process, so it does not go with the workers of TF_CONFIG. "
            "--dry-run --minutes prints the settings that you can pass to all of them by --set."
        )
    from scalenet_tf.config import override_texts
    from scalenet_tf.forecast.limit import run_settings_within
    from scalenet_tf.run.layout import RunFolder

    folder = RunFolder(check_directory("run", path))
    if config is None and not folder.config_file.is_file():
        config = config_for(path, given)
    settings = run_settings_within(folder, asked_config(path, config, given), minutes)
    return config, [*given, *override_texts(settings)]


def asked_config(path: Path, config: str | None, given: list[str]) -> RunConfig:
    """Returns the configuration that a command asks for, without beginning a run.

    Args:
      path: Directory of the run, which need not exist if there is a configuration.
      config: Name or path of a configuration; None for the run's own, or the one that fits the images.
      given: Overrides as "dotted.key=value".

    Raises:
      ScaleNetError: If there is no such configuration.
    """
    from scalenet_tf.config import load_config
    from scalenet_tf.run.config_file import read_config_file
    from scalenet_tf.run.layout import RunFolder

    folder = RunFolder(check_directory("run", path))
    if config is None and folder.config_file.is_file():
        return read_config_file(folder, given)
    return load_config(config or config_for(path, given), given)


def begins_run(act: Callable[[Run, bool], None]) -> Callable[..., None]:
    """Turns `act` into a command with the options that start a run.

    `act` receives the opened run, and whether its result is printed as JSON.
    """

    def command(
        run: options.RunOption,
        config: options.ConfigOption = None,
        set: options.SetOption = None,
        data: options.DataOption = None,
        seed: options.SeedOption = None,
        fast: options.FastOption = False,
        strategy: options.StrategyOption = None,
        tpu: options.TpuOption = None,
        minutes: options.MinutesOption = None,
        dry_run: options.DryRunOption = False,
        json: JsonOption = False,
    ) -> None:
        from scalenet_tf.run.refused import removed_if_refused

        given = options.overrides(set, data=data, seed=seed, fast=fast, strategy=strategy, tpu=tpu)
        if dry_run:
            from scalenet_tf.cli.dry_run import dry_run as show

            return show(run, config, given, minutes, f"{act.__name__} --dry-run" if json else None)
        cluster = read_cluster()
        if minutes is not None:
            config, given = _shortened(run, config, given, minutes, cluster)
        with removed_if_refused(run):
            opened = options.open_run(run, config, given, cluster)
            # From here on, so that no other process can begin the run anew before the first file of the
            # training.
            with opened.training_lock() if cluster.chief else nullcontext():
                act(opened, json)

    # Not functools.wraps, or Typer would read the parameters of `act`.
    command.__name__, command.__doc__ = act.__name__, act.__doc__
    return command
