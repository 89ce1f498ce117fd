"""`Run`, a run directory. Every job step stores its results there, so a run can be resumed or moved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import ConnectionLostError, InvalidInputError, NotReadyError, ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run.adopted import store_adopted, with_place
from scalenet_tf.run.changed_keys import changed_keys, other_run
from scalenet_tf.run.config_file import read_config_file, write_config_file
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.run.family import Family, require_family
from scalenet_tf.run.given_folder import given_folder
from scalenet_tf.run.html import run_html
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.locks import TRAIN, step_lock
from scalenet_tf.run.own_recipes import read_recipes, with_copies, write_copies
from scalenet_tf.run.paths import check_folder, with_absolute_paths
from scalenet_tf.run.requested_space import check_growth, check_latency_device, requested_space
from scalenet_tf.run.tracker_packages import check_tracker_packages
from scalenet_tf.run.warm_start import WarmStart, check_warm_start, read_warm_start
from scalenet_tf.run.work import check_free, holds_work
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils import files
from scalenet_tf.utils.directories import check_directory
from scalenet_tf.utils.value_file import read_value, write_value


@dataclass(frozen=True)
class Run(RunFolder):
    """The files of a run and its configuration. Create it with `open`, `open_or_create` or `join`.

    Attributes:
      path: Path of the run directory.
      config: Configuration, with absolute paths.

    Example:
      >>> run = Run.open_or_create("runs/first", load_config("quickstart"))
    """

    config: RunConfig

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Opens an existing run.

        Args:
          path: Path of the run directory.

        Raises:
          ScaleNetError: If there is no run, or its config.yaml is no longer valid.

        Example:
          >>> Run.open("runs/first").config.seed
          0
        """
        file = given_folder(path).config_file
        try:
            return cls(Path(path), read_config_file(RunFolder(Path(path))))
        except ScaleNetError as error:
            if str(file) in str(error):
                raise
            raise type(error)(f"{str(file)!r} is not valid: {error}") from error

    @classmethod
    def open_or_create(cls, path: str | Path, config: RunConfig, *, own_files: bool = False) -> Run:
        """Opens the run at `path`, or creates one with its own copies of the space and of recipe files.

        The keys `tpu`, `tracking`, `members.jobs`, `supernet.checkpoint_minutes` and `data.skip_corrupt` and
        the place of the images may differ from those of an existing run, which stores them: data.json tells
        whether the images are the same.

        Args:
          path: Path of the run directory.
          config: Configuration of the run.
          own_files: Whether a run that exists goes on with its own copies of the files that the configuration
            names, as if no file was named. Default: those files must not have changed.

        Raises:
          ScaleNetError: If the space or the image folder cannot be used, a package of `tracking` is missing,
            or the directory holds other files or a run with another configuration. Results are never
            overwritten.

        Example:
          >>> run = Run.open_or_create("runs/first", load_config("quickstart", ["seed=1"]))
        """
        path, config = check_directory("run", path), with_absolute_paths(config)
        check_tracker_packages(config)
        if path.is_file():
            raise InvalidInputError(f"`run` must be a directory. Received: {str(path)!r}, which is a file.")
        if (begun := cls._begun(path, config, own_files)) is not None:
            return begun
        space, start = requested_space(config), read_warm_start(config.search.warm_start)
        check_growth(space)
        check_latency_device(config, space)
        check_warm_start(space, start)
        check_folder(config.data)
        run = cls(path, config)
        with step_lock(path, TRAIN):
            # Another process may have begun the run in the meantime.
            return cls._begun(path, config, own_files) or run._write(space, start)

    def _write(self, space: SearchSpace, start: WarmStart | None) -> Run:
        named, recipes = read_recipes(self.config, self)
        # A directory with config.yaml is a run, so config.yaml is removed first and written last.
        made = (self.data_file, self.image_check_file, self.warm_start_file, self.mlflow_file)
        for file in (self.config_file, *made):
            file.unlink(missing_ok=True)
        if start is not None:
            write_value(self.warm_start_file, start)
        files.write_json(self.space_file, space.model_dump(mode="json"))
        write_copies(self, recipes)
        write_config_file(self, named)
        return Run(self.path, with_copies(named, self))

    @classmethod
    def _begun(cls, path: Path, config: RunConfig, own_files: bool) -> Run | None:
        """Returns the run that is at `path`, or None if one may be created there."""
        check_free(path)
        if RunFolder(path).config_file.is_file():
            begun = cls.open(path)
            changed = changed_keys(begun, config, own_files=own_files)
            if not changed:
                return cls(path, store_adopted(begun, begun.config, config))
            if holds_work(path):
                raise other_run(path, changed)
        return None

    @contextmanager
    def training_lock(self) -> Iterator[None]:
        """Keeps other processes from training the super-supernet, and from creating the run again.

        Raises:
          ScaleNetError: If another process does so, or has created the run with another configuration since
            it was opened.
        """
        with step_lock(self.path, TRAIN):
            changed = changed_keys(Run.open(self.path), self.config, own_files=True)
            if changed:
                raise other_run(self.path, changed)
            yield

    @classmethod
    def join(
        cls,
        path: str | Path,
        config: RunConfig | None = None,
        patience: float = 60,
        *,
        own_files: bool = False,
    ) -> Run:
        """Waits until another worker, the chief, has created the run, and opens it. Writes nothing.

        Args:
          path: Path of the run directory, on storage that all workers share.
          config: Configuration that the run must have. Default: any.
          patience: Seconds to wait for the run.
          own_files: Whether files at the paths of the run count as its own copies, see `open_or_create`.

        Raises:
          ScaleNetError: If the run does not exist in time, or, without waiting, if the directory holds the
            results of another run.

        Example:
          >>> run = Run.join("/shared/runs/first", load_config("quickstart"), patience=300)
        """
        path, end = check_directory("run", path), time.monotonic() + patience
        wanted = with_absolute_paths(config) if config else None
        while True:
            # Checked before the run is read: once it holds results, its configuration cannot change any more.
            final, present = holds_work(path), RunFolder(path).config_file.is_file()
            try:
                run = cls.open(path)
                changed = changed_keys(run, wanted, own_files=own_files) if wanted else []
            except (ScaleNetError, FileNotFoundError) as error:
                # The chief may be creating the run right now, file by file.
                if final and present:
                    raise
                found = f"a run that cannot be opened ({error})" if present else "no run"
            else:
                if not changed:
                    # The chief may not have stored the new place of the images yet.
                    return run if wanted is None else cls(path, with_place(run.config, wanted))
                if final:
                    raise other_run(path, changed)
                found = f"a run that differs in {', '.join(changed)}"
            if time.monotonic() > end:
                raise ConnectionLostError(
                    f"`run` {str(path)!r}: this worker waited {patience:g} s for the chief to create the "
                    f"run, and found {found}. Start the chief with the same command, and give a --run on "
                    "storage that all workers share."
                )
            time.sleep(0.2)

    @property
    def holds_work(self) -> bool:
        """Whether a job step has begun, so that the run cannot be created again with other settings."""
        return holds_work(self.path)

    def space(self) -> SearchSpace:
        """Returns the run's copy of its search space.

        Once the images have been read, it has the channels and classes of the data.
        """
        space = load_space(str(self.space_file))
        data = read_data_info(self)
        return space if data is None else space.for_data(data.channels, data.classes)

    def data_info(self) -> DataInfo:
        """Returns the facts of the data.

        Raises:
          ScaleNetError: If no job step has read the images yet, or data.json is damaged.
        """
        info = read_data_info(self)
        if info is None:
            raise NotReadyError(
                f"the run {str(self.path)!r} has no data.json yet. Train first: {self.command('train')}"
            )
        return info

    def warm_start(self) -> WarmStart | None:
        """Returns the run's copy of its warm start, or None if the search starts at random.

        Raises:
          ScaleNetError: If warm_start.json is missing or damaged.
        """
        if self.config.search.warm_start is None:
            return None
        return read_value(self.warm_start_file, WarmStart, "Put it back, or start a new run.")

    def _repr_html_(self) -> str:
        """The state of the run, in a notebook."""
        return run_html(self, self.config)

    def family(self) -> Family:
        """Returns the family.

        Raises:
          ScaleNetError: If it has not been written yet, or family.json is damaged.
        """
        return require_family(self)
