"""Images at a place that is new to a run: read and compared before the run takes the place over."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.config import DataConfig, RunConfig
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.adopted import same_data
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import check_folder, with_absolute_paths
from scalenet_tf.run.work import holds_work
from scalenet_tf.utils.tf_setup import load_tensorflow

_REMEDY = "The run stays as it is. Give another --run for other images."


def begin_or_continue(path: str | Path, config: RunConfig, *, own_files: bool = False) -> Run:
    """Opens the run at `path`, or creates one, see `Run.open_or_create`.

    If the configuration names another place for the images of a run, those are read and compared first.

    Args:
      path: Directory of the run.
      config: Configuration of the run.
      own_files: Whether the run goes on with its own copies of files, see `Run.open_or_create`.

    Raises:
      ScaleNetError: In the cases of `Run.open_or_create`, or if the images are not those of the run. The run
        stays as it is.

    Example:
      >>> run = begin_or_continue("runs/first", load_config("quickstart", ["data.source=folder:moved"]))
    """
    _check_new_place(path, config)
    return Run.open_or_create(path, config, own_files=own_files)


def _check_new_place(path: str | Path, config: RunConfig) -> None:
    # A run that has done nothing yet, and a configuration that it refuses anyway, are left alone.
    folder = RunFolder(Path(path))
    if not folder.config_file.is_file() or not holds_work(folder.path):
        return
    if (facts := read_data_info(folder)) is None:
        return
    run, wanted = Run.open(path), with_absolute_paths(config)
    if not same_data(run.config.data, wanted.data) or _place(run.config.data) == _place(wanted.data):
        return
    check_folder(wanted.data)
    load_tensorflow()
    from scalenet_tf.data.run_data import check_same_images, load_ahead

    source = wanted.data.source
    try:
        now = load_ahead(Run(run.path, wanted))
    except ScaleNetError as error:
        raise InvalidInputError(
            f"the images of the run {str(run.path)!r} cannot be those of {source!r}: {error} {_REMEDY}"
        ) from error
    check_same_images(run, facts, now, f"those of {source!r}", _REMEDY)


def _place(data: DataConfig) -> tuple[str, str | None]:
    return data.source, data.data_dir
