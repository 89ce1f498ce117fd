"""A run directory: every step's result is a file here, so each can be run alone, resumed or moved."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.config import RunConfig, load_run_config
from scalenet_tf.errors import ConnectionLostError, InvalidInputError, NotReadyError, ScaleNetError
from scalenet_tf.presets import SPACE_NAMES, load_space
from scalenet_tf.run.data_info import DataInfo, read_data_info
from scalenet_tf.run.family import Family, settled_family
from scalenet_tf.run.layout import CONFIG, DATA, SPACE, WARM_START, RunFolder
from scalenet_tf.run.paths import check_folder, with_absolute_paths
from scalenet_tf.run.requested_space import asked_space, check_latency_device
from scalenet_tf.run.warm_start import WarmStart, check_start, read_start
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import read_value, write_value

# A run that holds nothing else has not begun to work: it may be begun anew.
_BEGINNING = {CONFIG, SPACE, WARM_START, DATA}


@dataclass(frozen=True)
class Run(RunFolder):
    """The files of one run and its configuration.

    Example:
      >>> run = Run.open_or_create("runs/first", load_config("quickstart"))
    """

    config: RunConfig

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Opens an existing run.

        Raises:
          ScaleNetError: where there is none, or its config.yaml is not valid any more.
        """
        file = RunFolder(Path(path)).config_file
        if not file.is_file():
            raise InvalidInputError(
                f"`run` must be the directory of a run, which holds config.yaml. Received: {str(path)!r}. "
                "Begin one with: scalenet train --run DIRECTORY --config quickstart"
            )
        return cls(Path(path), load_run_config(file))

    @classmethod
    def open_or_create(cls, path: str | Path, config: RunConfig) -> Run:
        """Opens the run at `path`, or begins one there, with its own copy of the space.

        Another `plan` or `tpu` decides no result; a TPU that is named is the run's from then on.

        Raises:
          ScaleNetError: for a space or a folder of images that cannot be used; if a run with another
            configuration, or other files, are there: work is never overwritten.
        """
        path, config = Path(path), with_absolute_paths(config)
        if path.is_file():
            raise InvalidInputError(f"`run` must be a directory. Received: {str(path)!r}, which is a file.")
        worked = _holds_work(path)
        if RunFolder(path).config_file.is_file():
            begun = cls.open(path)
            changed = begun._changed(config)
            if not changed:
                return cls(path, begun._keep_tpu(config))
            if worked:
                raise _other_run(path, changed)
        elif worked:
            raise InvalidInputError(f"`run` {str(path)!r} holds other files. Give an empty or new directory.")
        space, start = asked_space(config), read_start(config.search.warm_start)
        check_latency_device(config, space)
        check_start(space, start)
        check_folder(config)
        run = cls(path, config)
        # config.yaml makes it a run: it goes first and comes last.
        for file in (run.config_file, run.data_file, run.warm_start_file):
            file.unlink(missing_ok=True)
        if start is not None:
            write_value(run.warm_start_file, start)
        files.write_json(run.space_file, space.model_dump(mode="json"))
        files.write_text(run.config_file, config.to_yaml())
        return run

    @classmethod
    def join(cls, path: str | Path, config: RunConfig | None = None, patience: float = 60) -> Run:
        """Opens the run that another worker, the chief, begins or has begun; writes nothing.

        Args:
          path: The run's directory, on storage that the workers share.
          config: What the run has to be; whatever it is where None.
          patience: Seconds to wait for it.

        Raises:
          ScaleNetError: where there is no such run by then; at once where another one is at work there.
        """
        path, end = Path(path), time.monotonic() + patience
        wanted = with_absolute_paths(config) if config else None
        while True:
            # Asked before it is read: a run that holds work is not begun anew, and stays what it is.
            final, present = _holds_work(path), RunFolder(path).config_file.is_file()
            try:
                run = cls.open(path)
                changed = run._changed(wanted) if wanted else []
            except (ScaleNetError, FileNotFoundError) as error:
                # The chief may be beginning the run anew, file by file.
                if final and present:
                    raise
                found = f"a run that cannot be opened ({error})" if present else "no run"
            else:
                if not changed:
                    return run
                if final:
                    raise _other_run(path, changed)
                found = f"a run that differs in {', '.join(changed)}"
            if time.monotonic() > end:
                raise ConnectionLostError(
                    f"`run` {str(path)!r}: this worker waited {patience:g} s for the chief to begin the run, "
                    f"and finds {found}. Start the chief too, with the same command, and give a --run on "
                    "storage that all workers share."
                )
            time.sleep(0.2)

    def _changed(self, config: RunConfig) -> list[str]:
        """The keys in which another configuration would give other results.

        A space, its latency table and a warm start go by their contents.
        """
        names = set(RunConfig.model_fields) - {"space", "ladder", "plan", "tpu", "search"}
        changed = [name for name in names if getattr(self.config, name) != getattr(config, name)]
        own, search = self.config.search, config.search
        if own.model_copy(update={"warm_start": search.warm_start}) != search:
            changed.append("search")
        elif self._starts_otherwise(search.warm_start):
            changed.append("search.warm_start")
        table = {"latency_table", "latency_device"}
        if self.config.ladder.model_dump(exclude=table) != config.ladder.model_dump(exclude=table):
            changed.append("ladder")
        # A file that is gone is not looked for: the run has its content.
        given = all(
            asked is None or asked in SPACE_NAMES or Path(asked).is_file() or asked != begun
            for asked, begun in (
                (config.space, self.config.space),
                (config.ladder.latency_table, self.config.ladder.latency_table),
            )
        )
        if given and asked_space(config) != load_space(str(self.space_file)):
            changed.append("space")
        return sorted(changed)

    def _starts_otherwise(self, warm_start: str | None) -> bool:
        own = self.config.search.warm_start
        if warm_start is not None and warm_start == own and not Path(warm_start).exists():
            return False  # it was there when the run began
        return read_start(warm_start) != self.warm_start()

    def _keep_tpu(self, config: RunConfig) -> RunConfig:
        """`config` with the run's TPU where it names none; one that it names is the run's from now on."""
        if config.tpu is None:
            return config.model_copy(update={"tpu": self.config.tpu})
        if config.tpu != self.config.tpu:
            own = self.config.model_copy(update={"tpu": config.tpu})
            files.write_text(self.config_file, own.to_yaml())
        return config

    def space(self) -> SearchSpace:
        """The run's own copy of its space; for the data's channels and classes once they were read."""
        space = load_space(str(self.space_file))
        data = read_data_info(self)
        return space if data is None else space.for_data(data.channels, data.classes)

    def data_info(self) -> DataInfo:
        """The facts of the data.

        Raises:
          ScaleNetError: if no step has read the images yet, or data.json is damaged.
        """
        info = read_data_info(self)
        if info is None:
            raise NotReadyError(
                f"the run {str(self.path)!r} has no data.json yet. Train first: {self.command('train')}"
            )
        return info

    def warm_start(self) -> WarmStart | None:
        """The run's own copy of what its search begins with; None where that is chance."""
        if self.config.search.warm_start is None:
            return None
        return read_value(self.warm_start_file, WarmStart, "Put it back, or begin a new run.")

    def family(self) -> Family:
        """The family.

        Raises:
          ScaleNetError: if it is not settled yet, or family.json is damaged.
        """
        return settled_family(self)


def _holds_work(path: Path) -> bool:
    return path.is_dir() and any(file.name not in _BEGINNING for file in files.entries(path))


def _other_run(path: Path, changed: list[str]) -> ScaleNetError:
    return InvalidInputError(
        f"the run {str(path)!r} was begun with another configuration (it differs in: {', '.join(changed)}). "
        "Give another --run, or leave --config and --set out to go on."
        + (
            f" More rounds alone: {shlex.join(['scalenet', 'search', '--run', str(path), '--rounds', 'N'])}"
            if changed == ["search"]
            else ""
        )
    )
