"""Settings that a run takes over from a command that continues it, since they change no result."""

from __future__ import annotations

from scalenet_tf.config import DataConfig, RunConfig
from scalenet_tf.config.source import parse_source
from scalenet_tf.run.config_file import write_config_file
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import check_folder

# Keys that say how a job step works, and change no result on one device. `data.cache_gigabytes` is none of
# them: it decides whether images are streamed, and with that their order.
_WORK = (("members", "jobs"), ("supernet", "checkpoint_minutes"))


def with_work_of(config: RunConfig, other: RunConfig) -> RunConfig:
    """Returns a configuration with what another one says of how job steps work, apart from their results."""
    for section, key in _WORK:
        update = {key: getattr(getattr(other, section), key)}
        config = config.model_copy(update={section: getattr(config, section).model_copy(update=update)})
    return config


def same_data(own: DataConfig, given: DataConfig) -> bool:
    """Whether two sections `data` ask for the same images, apart from where they are.

    The place of the images and `skip_corrupt` are compared by their effect: data.json tells whether the
    images are the same.
    """
    return without_place(own) == without_place(given)


def with_place(own: RunConfig, given: RunConfig) -> RunConfig:
    """Returns the configuration of a run with the section `data` of a given one, see `same_data`.

    What the given one says of how job steps work is taken too. Images that the run has left out stay out,
    whether the given one says so again or not.
    """
    left_out = {"skip_corrupt": own.data.skip_corrupt or given.data.skip_corrupt}
    placed = own.model_copy(update={"data": given.data.model_copy(update=left_out)})
    return with_work_of(placed, given)


def store_adopted(run: RunFolder, own: RunConfig, given: RunConfig) -> RunConfig:
    """Stores what changes no result of a given configuration in the run, and returns it.

    That is the place of the images, how job steps work, the TPU and tracking.

    Raises:
      ScaleNetError: If the images are in a local folder that does not exist.
    """
    # None leaves what the run has, and recipes are its own copies.
    changes = {name: getattr(own, name) for name in ("tpu", "tracking") if getattr(given, name) is None}
    placed = with_place(own, given)
    adopted = given.model_copy(update={**changes, "data": placed.data, "members": placed.members})
    stored = placed.model_copy(update={"tpu": adopted.tpu, "tracking": adopted.tracking})
    if stored.data != own.data:
        check_folder(stored.data)
    if stored != own:
        write_config_file(run, stored)
    return adopted


def without_place(data: DataConfig) -> DataConfig:
    """Returns a section `data` without where its images are."""
    kind, _ = parse_source(data.source)
    names = {"source": kind, "data_dir": None, "skip_corrupt": False}
    return data.model_copy(update=names if kind != "tfds" else names | {"source": data.source})
