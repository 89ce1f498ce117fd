"""The keys in which a configuration differs from that of an existing run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.presets import SPACE_NAMES, load_space
from scalenet_tf.run.adopted import same_data
from scalenet_tf.run.requested_space import requested_space, with_ladder
from scalenet_tf.run.warm_start import read_warm_start

if TYPE_CHECKING:
    from scalenet_tf.run.run import Run


def changed_keys(run: Run, config: RunConfig) -> list[str]:
    """Returns the keys of another configuration that would change the results of a run.

    A space, its latency table and a warm start are compared by content, images later, by data.json.
    """
    begun = run.config
    names = set(RunConfig.model_fields) - {"space", "ladder", "tpu", "tracking", "search", "data"}
    changed = [name for name in names if getattr(begun, name) != getattr(config, name)]
    if not same_data(begun.data, config.data):
        changed.append("data")
    search = config.search
    if begun.search.model_copy(update={"warm_start": search.warm_start}) != search:
        changed.append("search")
    elif _has_other_warm_start(run, search.warm_start):
        changed.append("search.warm_start")
    table = {"latency_table", "latency_device"}
    if begun.ladder.model_dump(exclude=table) != config.ladder.model_dump(exclude=table):
        changed.append("ladder")
    if _has_other_space(run, config):
        changed.append("space")
    return sorted(changed)


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
        f"{', '.join(changed)}). Give another --run, or continue it without --config and --set."
        + (f" To add only rounds: {rounds}" if changed == ["search"] else "")
    )


def _has_other_warm_start(run: Run, warm_start: str | None) -> bool:
    own = run.config.search.warm_start
    if warm_start is not None and warm_start == own and not Path(warm_start).exists():
        return False  # It existed when the run was created.
    return read_warm_start(warm_start) != run.warm_start()
