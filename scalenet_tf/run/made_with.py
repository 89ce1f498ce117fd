"""Comparison of a run's configuration with what its results so far were made with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import DamagedFileError
from scalenet_tf.run.family import read_family
from scalenet_tf.run.flat_keys import flat
from scalenet_tf.run.paths import without_paths
from scalenet_tf.run.provenance import Provenance
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.run.supernet_done import read_supernet_done
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.validation import with_new_names

if TYPE_CHECKING:
    from scalenet_tf.run.run import Run

_SUPERNET = (
    "seed",
    "task",
    "ladder.",
    "supernet.",
    "data.validation_",
    "data.test_",
    "data.train_",
    "data.augmentation.",
)
# Keys that may differ: when something is saved, how long a search lasts, what has a message of its own.
_FREE = {"supernet.checkpoint_minutes", "supernet.sharing", "search.rounds", "search.warm_start"}
_FREE |= {"ladder.latency_table", "ladder.latency_device"}


def check_made_with(run: Run) -> None:
    """Checks that config.yaml still states what the run's results so far were made with.

    Keys that a result does not state are younger than it.

    Args:
      run: The run.

    Raises:
      ScaleNetError: If a key that decided a result has another value now; the text names key and file.
    """
    own = dict(flat(without_paths(run.config)))
    for file, made, keys in _results(run):
        stated = dict(flat(with_new_names(RunConfig, made.config)))
        for key, value in stated.items():
            if key.startswith(keys) and key not in _FREE and key in own and own[key] != value:
                raise DamagedFileError(
                    f"{str(run.config_file)!r} states `{key}: {received(own[key])}`, and {str(file)!r} was "
                    f"made with {received(value)}. Put config.yaml back as it was, or start a new run."
                )


def _results(run: Run) -> Iterator[tuple[Path, Provenance, tuple[str, ...]]]:
    """Yields the results so far, each with the keys that decided it and no earlier one.

    A damaged file is named by the step that needs it.
    """
    with suppress(DamagedFileError):
        if (done := read_supernet_done(run)) is not None:
            yield run.supernet_done_file, done.provenance, _SUPERNET
    with suppress(DamagedFileError):
        if (result := read_search_result(run)) is not None:
            yield run.search_result_file, result.provenance, ("search.",)
    with suppress(DamagedFileError):
        if (family := read_family(run)) is not None:
            yield run.family_file, family.provenance, ("scale.",)
