"""The data of a run: the same in every step, or an error."""

from __future__ import annotations

from functools import lru_cache

from scalenet_tf import files
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.info import Info
from scalenet_tf.data.load import load_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run

# The steps of one process share one decoding.
_load = lru_cache(maxsize=1)(load_data)


def load_ahead(run: Run) -> None:
    """Decodes what `open_data` will have at hand; nothing is written or compared."""
    _load(run.config.data, run.config.seed)


def open_data(run: Run) -> DataSet:
    """Loads the data of a run; its facts are written to data.json the first time, and hold from then on.

    Raises:
      ScaleNetError: where the data cannot be loaded, or are not those that the run began with.

    Example:
      >>> open_data(Run.open("runs/first")).info.classes
      10
    """
    data = _load(run.config.data, run.config.seed)
    if not run.data_file.is_file():
        files.write_json(run.data_file, data.info.model_dump(mode="json"))
        return data
    begun = Info.model_validate(files.read_json(run.data_file))
    changed = [name for name in Info.model_fields if getattr(begun, name) != getattr(data.info, name)]
    if changed:
        raise ScaleNetError(
            f"the run {str(run.path)!r} began with other images than {run.config.data.source!r} holds now "
            f"(they differ in: {', '.join(changed)}). Put the images back as they were, or begin a new run."
        )
    return data
