"""The keys in which a configuration differs from that of an existing run."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.presets import SPACE_NAMES, load_space
from scalenet_tf.run.adopted import with_work_of, without_place
from scalenet_tf.run.flat_keys import different_keys
from scalenet_tf.run.own_recipes import same_members, warn_of_changed_recipes
from scalenet_tf.run.paths import PUBLISHED
from scalenet_tf.run.requested_space import requested_space, with_ladder
from scalenet_tf.run.warm_start import read_warm_start, result_file

if TYPE_CHECKING:
    from scalenet_tf.run.run import Run

logger = logging.getLogger(__name__)

# Keys that name files of which a run keeps a copy.
_COPIED = ("space", "ladder.latency_table", "search.warm_start")


def changed_keys(run: Run, config: RunConfig, *, own_files: bool = False) -> list[str]:
    """Returns the keys of another configuration that would change the results of a run.

    A space, its latency table, a warm start and recipes are compared by content, images later, by data.json.

    Args:
      run: The run.
      config: The other configuration.
      own_files: Whether files at the paths that the run was created with count as its own copies of them,
        whatever they hold now.
    """
    begun, config = run.config, with_work_of(config, run.config)
    given = config.model_copy(update={"data": without_place(config.data)})
    changed = different_keys(_with_free_keys_of(begun, config), given)
    if not any(key.startswith("members.") for key in changed):
        changed += [] if same_members(run, begun.members, config.members) else ["members.recipe"]
    start_kept = own_files and config.search.warm_start == begun.search.warm_start
    space_kept = own_files and _files_of_space(config) == _files_of_space(begun)
    if not start_kept and _has_other_warm_start(run, config.search.warm_start):
        changed.append("search.warm_start")
    if not space_kept and _has_other_space(run, config):
        changed.append("space")
    return sorted(changed)


def _with_free_keys_of(begun: RunConfig, config: RunConfig) -> RunConfig:
    """Returns a configuration with the keys of another one that change no result, or name files.

    What is in the files is compared apart, and where the images are is left out.
    """
    files = ("latency_table", "latency_device")
    changes = {name: getattr(config, name) for name in ("space", "tpu", "tracking")}
    changes["data"] = without_place(begun.data)
    changes["ladder"] = begun.ladder.model_copy(update={name: getattr(config.ladder, name) for name in files})
    changes["search"] = begun.search.model_copy(update={"warm_start": config.search.warm_start})
    changes["members"] = begun.members.model_copy(update={"recipe": config.members.recipe})
    return begun.model_copy(update=changes)


def names_copied_files(keys: Iterable[str]) -> bool:
    """Whether some of the dotted keys, or sections, name a file of which a run keeps a copy."""
    return any(copied == key or copied.startswith(f"{key}.") for key in keys for copied in _COPIED)


def warn_of_changed_files(run: Run) -> None:
    """Names files in the log that have changed since a run took the copies with which it begins its training.

    Files that are gone, or cannot be read, are left out.
    """
    if run.supernet_done_file.is_file():
        return
    warn_of_changed_recipes(run)
    found = []
    with suppress(ScaleNetError, OSError):
        if _has_other_space(run, run.config):
            found.append("space" if run.config.ladder.latency_table is None else "ladder.latency_table")
    with suppress(ScaleNetError, OSError):
        if _has_other_warm_start(run, run.config.search.warm_start):
            found.append("search.warm_start")
    if found:
        logger.warning(
            f"what {' and '.join(f'`{key}`' for key in found)} names has changed since the run "
            f"{str(run.path)!r} began, which goes on with its own copy. Give another --run for what is new"
        )


def _files_of_space(config: RunConfig) -> tuple[str, str | None]:
    return config.space, config.ladder.latency_table


def _has_other_space(run: Run, config: RunConfig) -> bool:
    # A file that no longer exists is not read again: the run has a copy of its content.
    begun, own = run.config, load_space(str(run.space_file))
    if config.space not in SPACE_NAMES and config.space == begun.space and not Path(config.space).is_file():
        return False
    table = config.ladder.latency_table
    if table is None or Path(table).is_file() or table != begun.ladder.latency_table:
        return requested_space(config) != own
    space, ladder = load_space(config.space), config.ladder.model_copy(update={"latency_table": None})
    with_table = space.model_copy(
        update={"budget": space.budget.model_copy(update={"latency": own.budget.latency})}
    )
    return with_ladder(with_table, ladder) != own


def other_run(path: Path, changed: list[str]) -> ScaleNetError:
    """Returns the error for a run that was created with another configuration.

    Args:
      path: Directory of the run.
      changed: Keys in which the configurations differ.
    """
    rounds = shlex.join(["scalenet", "search", "--run", str(path), "--rounds", "N"])
    return InvalidInputError(
        f"the run {str(path)!r} was created with another configuration (it differs in: "
        f"{', '.join(changed)}). Give another --run (--output of a transfer), or continue it without "
        "--config and --set (a transfer with those that it began with)."
        + (f" To add only rounds: {rounds}" if changed == ["search.rounds"] else "")
    )


def _has_other_warm_start(run: Run, warm_start: str | None) -> bool:
    own = run.config.search.warm_start
    if warm_start not in (None, PUBLISHED) and warm_start == own and not result_file(warm_start).is_file():
        return False  # It was there when the run was created; a run that searches anew has none meanwhile.
    return read_warm_start(warm_start) != run.warm_start()
