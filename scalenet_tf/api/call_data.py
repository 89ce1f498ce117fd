"""The images that a call of `search_family` passes, or those that an interrupted one has stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.config import RunConfig, update_config
from scalenet_tf.config.source import source_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.own_images import read_own_images
from scalenet_tf.run.work import holds_work

if TYPE_CHECKING:
    from scalenet_tf.data.given import GivenImages


def check_goes_with(
    data: GivenImages | str | Path | None,
    others: Mapping[str, GivenImages | None],
    class_names: Sequence[str] | None,
) -> None:
    """Raises ScaleNetError if images of other splits, or class names, are passed without images in `data`."""
    passed = [name for name, images in others.items() if images is not None]
    if (data is None or isinstance(data, str | Path)) and (passed or class_names is not None):
        raise InvalidInputError(
            f"`{next(iter(passed), 'class_names')}` goes with images in `data`. Received: {data!r}; "
            "a folder or another source has its own splits and class names."
        )


def stored_source(folder: RunFolder) -> str:
    """Returns the source of the images that a call has stored which was interrupted before its configuration.

    Args:
      folder: Directory without a configuration.

    Raises:
      ScaleNetError: If there are none, so that nothing says what a new run is to be made of.
    """
    if read_own_images(folder) is None:
        raise InvalidInputError(
            f"there is no run at {str(folder.path)!r} yet, so `data` is needed, such as 'photos' or "
            "'bundled', or `config`: a name such as 'quickstart', or a YAML file. With `data`, the "
            "configuration that fits the images is taken."
        )
    return _own_source(folder)


def with_data(
    folder: RunFolder,
    config: RunConfig,
    data: GivenImages | str | Path | None,
    others: Mapping[str, GivenImages | None],
    class_names: Sequence[str] | None,
) -> RunConfig:
    """Returns the configuration with the source that `data` names, or in which its images are stored.

    Args:
      folder: Directory of the run.
      config: The configuration.
      data: Training images, or a source; None for the source of the configuration.
      others: Images of other splits, by the names of their arguments.
      class_names: Names of the classes.

    Raises:
      ScaleNetError: If the images cannot be used, or the run began with others.
    """
    if data is None:
        return config
    if isinstance(data, str | Path):
        return update_config(config, {"data": {"source": source_of(data)}})
    from scalenet_tf.data.own_images import store_images

    given = {"train": ("data", data)}
    given |= {
        name.removesuffix("_data"): (name, images) for name, images in others.items() if images is not None
    }
    store_images(folder, given, class_names, config.task, replace=not holds_work(folder.path))
    return update_config(config, {"data": {"source": _own_source(folder)}})


def _own_source(folder: RunFolder) -> str:
    return f"tfrecord:{folder.own_images.absolute()}"
