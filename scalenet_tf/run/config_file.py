"""config.yaml of a run: paths outside the run are absolute, those inside it are relative to the run."""

from __future__ import annotations

from collections.abc import Iterable

from scalenet_tf.config import RunConfig, load_run_config
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import located_in_run, relative_to_run
from scalenet_tf.utils import files


def read_config_file(run: RunFolder, overrides: Iterable[str] = ()) -> RunConfig:
    """Returns the configuration of a run, with absolute paths.

    Args:
      run: The run.
      overrides: Texts of the form "dotted.key=value", as for `load_config`.

    Raises:
      ScaleNetError: If the file is not a valid configuration.
    """
    return located_in_run(load_run_config(run.config_file, overrides), run.path)


def write_config_file(run: RunFolder, config: RunConfig) -> None:
    """Writes the configuration of a run, atomically."""
    files.write_text(run.config_file, relative_to_run(config, run.path).to_yaml())
