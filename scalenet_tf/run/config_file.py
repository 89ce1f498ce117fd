"""config.yaml of a run: paths outside the run are absolute, those inside it are relative to the run."""

from __future__ import annotations

from collections.abc import Iterable

from scalenet_tf.config import RunConfig, load_run_config
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.own_recipes import with_copies, with_names
from scalenet_tf.run.paths import located_in_run, relative_to_run
from scalenet_tf.utils import files


def read_config_file(run: RunFolder, overrides: Iterable[str] = ()) -> RunConfig:
    """Returns the configuration of a run, with absolute paths and with its own copies of recipe files.

    Args:
      run: The run.
      overrides: Texts of the form "dotted.key=value", as for `load_config`.

    Raises:
      ScaleNetError: If the file is not a valid configuration.
    """
    return with_copies(located_in_run(load_run_config(run.config_file, overrides), run.path), run)


def write_config_file(run: RunFolder, config: RunConfig) -> None:
    """Writes the configuration of a run, atomically."""
    files.write_text(run.config_file, relative_to_run(with_names(config, run), run.path).to_yaml())
