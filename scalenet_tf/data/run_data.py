"""The data of a run: decoded once in a process, and compared with those that the run began with."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.config.source import parse_source
from scalenet_tf.data.checked import Checked
from scalenet_tf.data.class_check import few_validation_images
from scalenet_tf.data.corrupt import CorruptImagesError
from scalenet_tf.data.dataset import DataSet
from scalenet_tf.data.load import load_checked
from scalenet_tf.data.sources.labels_table import TABLE
from scalenet_tf.data.sources.split_names import role_of
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import TEST, DataInfo, changed_facts, read_data_info
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.image_check import read_image_check
from scalenet_tf.space.compound_growth import expected_side
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Opening:
    """The images that a run asks for, as a key of the cache.

    Attributes:
      config: Source, image size and fractions.
      seed: Seed of the splits.
      task: Task of the images.
      check_file: File of an earlier check.
      side: Side for `WantedFormat`, that of the largest member; None if the run has begun, or reads images as
        earlier versions did.
      begun: Whether the run has begun with them; see `load_checked`.
      facts: Facts of the images that it has begun with, or that an interrupted process has noted.
    """

    config: DataConfig
    seed: int
    task: Task
    check_file: Path
    side: int | None = field(compare=False)
    begun: bool = field(compare=False)
    facts: DataInfo | None = field(compare=False)

    @classmethod
    def of(cls, run: Run, *, begun: bool) -> _Opening:
        facts, side = read_data_info(run), None
        if not (begun and facts) and run.config.data.reading == "photos":
            side = expected_side(load_space(str(run.space_file)), run.config.scale.extra_stages)
        config = run.config
        return cls(config.data, config.seed, config.task, run.image_check_file, side, begun, facts)

    def load(self) -> Checked:
        loaded = load_checked(
            self.config,
            self.seed,
            self.check_file,
            begun=self.begun,
            side=self.side,
            facts=self.facts,
            task=self.task,
        )
        if self.side is not None and not self.begun:
            _warn_if_small(loaded.data.info, self.side)
        return loaded


def _folders(data: DataConfig) -> tuple[tuple[int, int], ...]:
    """Returns number and time of change of a local folder of images, its splits, classes and labels.csv."""
    kind, location = parse_source(data.source)
    if kind not in ("folder", "tfrecord") or "://" in location or not os.path.isdir(location):
        return ()
    table = os.path.join(location, TABLE)
    found = [location, table] if os.path.isfile(table) else [location]
    for name in _folder_names(location):
        found.append(folder := os.path.join(location, name))
        if role_of(name):
            found += [os.path.join(folder, own) for own in _folder_names(folder)]
    return tuple((stat.st_ino, stat.st_mtime_ns) for stat in map(os.stat, found))


def _folder_names(path: str) -> list[str]:
    """Returns the names of the folders in a folder, without a question about each file."""
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir())


# The steps of one process share the decoded images.
_load = lru_cache(maxsize=1)(_Opening.load)
# By the file of the check: the folders when images of a run that has not begun were read.
_folders_read: dict[Path, tuple[tuple[int, int], ...]] = {}


def _load_first(opening: _Opening) -> Checked:
    """Loads the images of a run that has not begun; others may have taken their place, as in a notebook.

    Those of a run that has begun stay as they were read.
    """
    folders = _folders(opening.config)
    if _folders_read.get(opening.check_file) != folders:
        _load.cache_clear()
        _folders_read[opening.check_file] = folders
    return _load(opening)


def load_ahead(run: Run | str | Path) -> DataInfo:
    """Decodes the images of a run for a later `open_data`; nothing is written or compared.

    Args:
      run: The run, or its path.

    Returns:
      Facts of the images.

    Raises:
      ScaleNetError: If the data cannot be loaded, see `load_data`.
    """
    run = given_run(run)
    begun = run.data_file.is_file()
    return (_load if begun else _load_first)(_Opening.of(run, begun=begun)).data.info


def open_data(run: Run | str | Path, *, joining: bool = False) -> DataSet:
    """Loads the data of a run; its facts are written to data.json the first time, and must not change.

    Every image of all splits is decoded once when a run begins. Later, only the test split may change, as
    long as no member has been scored on it.

    Args:
      run: The run, or its path.
      joining: Whether another process, the chief, writes the files of the run.

    Raises:
      ScaleNetError: If the data cannot be loaded, or differ from those that the run was started with.

    Example:
      >>> open_data("runs/first").info.classes
      10
    """
    run = given_run(run)
    begun = read_data_info(run) if joining or run.holds_work else None
    if begun is None:
        loaded = _load_first(_Opening.of(run, begun=False))
    else:
        loaded = _load_again(run, begun)
        images = f"those that {run.config.data.source!r} has now"
        remedy = f"Put the images back as they were, or start a new run. {_if_moved(run)}"
        check_same_images(run, begun, loaded.data.info, images, remedy)
    if not joining:
        _note(run, begun, loaded)
    return loaded.data


def _warn_if_small(info: DataInfo, side: int) -> None:
    """Warns if the family has only sides of less than half of the images' size."""
    stored = info.stored.middle if info.stored else info.image_size
    if 2 * side < stored:
        logger.warning(
            f"the images have {stored} px (the median of their shorter sides), and are trained at about "
            f"{side} px at most, the side of the largest member: less than half. A space with larger "
            "resolutions keeps more of what they show."
        )


def _load_again(run: Run, begun: DataInfo) -> Checked:
    """Loads the images of a run that has begun; the errors say how it can go on."""
    kind, location = parse_source(run.config.data.source)
    if kind in ("folder", "tfrecord") and "://" not in location and not os.path.isdir(location):
        raise InvalidInputError(
            f"the images of the run {str(run.path)!r} are not at {location!r} any more. {_if_moved(run)}"
        )
    try:
        return _load(_Opening.of(run, begun=True))
    except CorruptImagesError as error:
        raise InvalidInputError(f"{error.found}. {_remedies(run, begun, error)}") from error


def check_same_images(run: Run, begun: DataInfo, now: DataInfo, images: str, remedy: str) -> None:
    """Checks that images are those of a run; its test split may differ until a member is scored on it.

    Args:
      run: The run.
      begun: Facts of the images that it began with.
      now: Facts of the images.
      images: The images in words, such as "those of 'folder:photos'".
      remedy: Advice for images that differ, in sentences.

    Raises:
      ScaleNetError: If they differ.
    """
    changed, name = changed_facts(begun, now), f"the run {str(run.path)!r}"
    if not changed:
        return
    if changed != [TEST]:
        raise InvalidInputError(
            f"{name} was started with other images than {images} (they differ in: {', '.join(changed)}). "
            f"{remedy}"
        )
    if scored := _scored_members(run):
        raise InvalidInputError(
            f"{name} has other test images among {images} than those that its members {', '.join(scored)} "
            f"were scored on, so their results could not be compared. {remedy}"
        )


def _note(run: Run, begun: DataInfo | None, loaded: Checked) -> None:
    """Writes the facts of the data and the result of their check if they are new."""
    info, check = loaded.data.info, loaded.check
    if begun is not None and changed_facts(begun, info):
        logger.warning(
            f"the test images differ from those that the run began with. The {info.counts['test']:,} that "
            "are there now are used, since no member has been scored yet"
        )
        write_value(run.data_file, info)
    elif begun is None and read_data_info(run) != info:
        few = few_validation_images(loaded.data.validation.class_ids(), info.labels)
        if few is not None:
            logger.warning(few)
        write_value(run.data_file, info)
    # The rest saves time or allows more later: a finished run is also used where nothing can be written.
    with suppress(OSError, ScaleNetError):
        if begun is not None and begun.training_digest is None and read_data_info(run) != info:
            write_value(run.data_file, info)
        if check is not None and read_image_check(run.image_check_file) != check:
            write_value(run.image_check_file, check)


def _remedies(run: Run, begun: DataInfo, error: CorruptImagesError) -> str:
    """Says how a run that has begun can go on without images that cannot be decoded."""
    if error.splits != ("test",):
        return (
            "The run was started with them whole, and has been trained on them: put them back as they were, "
            "or start a new run."
        )
    if scored := _scored_members(run):
        return f"{', '.join(scored)} were scored on them: put them back as they were, or start a new run."
    leave_out = f"eave them out: {_once(run, '--set data.skip_corrupt=true')}"
    if begun.training_digest is None:  # An earlier version, of which any other file is another data set.
        return "L" + leave_out
    return f"Repair{' or remove' if error.in_own_source else ''} them, or l{leave_out}"


def _if_moved(run: Run) -> str:
    kind, _ = parse_source(run.config.data.source)
    option = "--set data.data_dir=NEWPLACE" if kind == "tfds" else f"--data {kind}:NEWPLACE"
    return f"If they were moved, give their new place: {_once(run, option)}"


def _once(run: Run, option: str) -> str:
    """Names the command that stores a change of the data section in the run."""
    if run.family_file.is_file() and run.family().transferred:
        return f"once, by repeating the `scalenet transfer` that made this run with {option}."
    return f"once, with: {run.command('train')} {option}"


def _scored_members(run: Run) -> list[str]:
    if not run.family_file.is_file():
        return []
    return [m.name for m in run.family().members if run.member_files(m.stage).metrics.is_file()]
