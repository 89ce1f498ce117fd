"""The runs below a folder, each with its state: read from a few small files, without TensorFlow."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run.config_file import read_config_file
from scalenet_tf.run.layout import CONFIG, RunFolder
from scalenet_tf.run.locks import LOCKS, TRAIN
from scalenet_tf.run.states import step_states, steps_left
from scalenet_tf.utils.files import read_json
from scalenet_tf.utils.lock import living_holder

logger = logging.getLogger(__name__)

DEPTH = 4  # Folders between the one that is listed and a run.


@dataclass(frozen=True)
class RunSummary:
    """One run.

    Attributes:
      path: Directory of the run.
      state: "done", or the first job step that is not and how far it is, such as "retrain 2 of 5"; "damaged"
        if one of its files cannot be read.
      steps: State of each job step, see `step_states`.
      source: Data source.
      space: Search space.
      seed: Random seed.
      images: Number of images of all splits; None before the data have been read.
      test_accuracy: Score on the test split of each trained member, by name.
      changed: Time of the last change, ISO 8601 in UTC.
      processes: Processes that work on the run, each as host, number and the time since when.
    """

    path: Path
    state: str
    steps: dict[str, str]
    source: str | None
    space: str | None
    seed: int | None
    images: int | None
    test_accuracy: dict[str, float]
    changed: str
    processes: tuple[str, ...]


def list_runs(folder: str | Path) -> list[RunSummary]:
    """Returns the runs in a folder and below it, by path.

    Args:
      folder: A folder of runs, or a run.

    Raises:
      ScaleNetError: If there is no such folder.

    Example:
      >>> [run.state for run in list_runs("runs")]
      ['done', 'search started']
    """
    root = Path(folder)
    if not root.is_dir():
        raise InvalidInputError(f"`folder` must be a folder of runs. Received: {str(folder)!r}.")
    return [summarise(RunFolder(path)) for path in sorted(_runs_in(root, DEPTH))]


def summarise(run: RunFolder) -> RunSummary:
    """Returns the state of a run; a file that cannot be read is no error."""
    steps: dict[str, str] = {}
    config: RunConfig | None = None
    images: int | None = None
    accuracies: dict[str, float] = {}
    try:
        config = read_config_file(run)
        steps = step_states(run)
        if run.data_file.is_file():
            images = sum(read_json(run.data_file)["counts"].values())
        for folder in run.member_folders:
            if (file := folder / "metrics.json").is_file():
                accuracies[folder.name] = float(read_json(file)["test_accuracy"])
        left = steps_left(steps)
        state = f"{left[0]} {steps[left[0]]}" if left else "done"
    except (OSError, ScaleNetError, ValueError, KeyError, TypeError, AttributeError):
        state = "damaged"
    return RunSummary(
        path=run.path,
        state=state,
        steps=steps,
        source=config.data.source if config else None,
        space=config.space if config else None,
        seed=config.seed if config else None,
        images=images,
        test_accuracy=accuracies,
        changed=datetime.fromtimestamp(_changed(run), UTC).isoformat(timespec="seconds"),
        processes=tuple(_processes(run)),
    )


def _runs_in(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / CONFIG).is_file():
        yield folder
        return
    if depth:
        for name in _folders_in(folder, needed=depth == DEPTH):
            yield from _runs_in(folder / name, depth - 1)


def _folders_in(folder: Path, *, needed: bool) -> list[str]:
    """Returns the names of the folders in a folder; none, with a warning, if it cannot be read."""
    try:
        with os.scandir(folder) as found:
            names = [entry.name for entry in found if entry.is_dir() and not entry.name.startswith(".")]
        # What cannot be entered holds no run that can be shown.
        return [name for name in names if os.access(folder / name, os.X_OK)]
    except OSError as error:
        if needed:
            raise
        logger.warning("%s is left out: %s", folder, error.strerror)
        return []


def _changed(run: RunFolder) -> float:
    """Returns the time of the newest file that a job step writes, in seconds since 1970."""
    written = (
        *(run.config_file, run.supernet_log_file, run.supernet_done_file, run.trials_file),
        *(run.search_result_file, run.family_file, run.profile_file, run.report_file),
        *run.members.glob("s*/*"),
    )
    return max((file.stat().st_mtime for file in written if file.exists()), default=0.0)


def _processes(run: RunFolder) -> Iterator[str]:
    locks = run.path / LOCKS
    for file in sorted(locks.iterdir()) if locks.is_dir() else ():
        if (holder := living_holder(file)) is not None:
            # The lock of the training is that of the whole run: it is held by who does all steps.
            whole = file.name == TRAIN and run.supernet_done_file.is_file()
            yield f"{'run' if whole else file.name}: {holder}"
