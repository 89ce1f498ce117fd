"""The identity of a search: digests that tell whether two searches would ask for the same subnets."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.utils.digest import json_digest
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_value

_NAMES = {
    "seed": "seed",
    "space": "space",
    "config": "configuration",
    "supernet": "super-supernet",
    "demands": "set of constraints and objective",
    "start": "warm start",
    "training": "training of the finalists",
}
# What to do first about a difference: moving the search away would lose it.
_FIRST = {
    _NAMES["demands"]: "Call search_family again with the same constraints and objective. For others, search",
    _NAMES["training"]: "Call search_family again with the same member_training, in the version of the "
    "package that began the search. For another, search",
}


class SearchIdentity(SparseValue, FileValue):
    """Everything that determines a search: the content of oracle.json.

    Attributes:
      seed: Seed of the search.
      space: Digest of the search space.
      config: Digest of the configuration. `rounds` is left out, since it only says how long the search lasts,
        and so is the path of a warm start, whose content has a digest of its own. The keys of the
        confirmation are left out without one.
      supernet: Digest of the weights that subnets are scored with; None for a search apart from its scores.
      demands: Names of the user's callables, the criteria, under the key that earlier versions wrote; None if
        there are none.
      start: Digest of the warm start; None without one.
      training: Digest of the training that confirms finalists; None without confirmation, and for a search
        apart from its scores.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"supernet", "demands", "start", "training"})

    seed: int
    space: str
    config: str
    supernet: str | None = None
    demands: tuple[str, ...] | None = None
    start: str | None = None
    training: str | None = None


class SavedSearch(FileValue):
    """A search that can be restored: its identity, and the number and score of each finished evaluation."""

    layout: ClassVar[int | None] = 2

    search: SearchIdentity
    completed: tuple[tuple[int, float | None], ...]


def identify(
    problem: SearchProblem, supernet: str | None = None, training: str | None = None
) -> SearchIdentity:
    """Returns the identity of a search.

    Args:
      problem: The search.
      supernet: Digest of the weights that its subnets are scored with. Default: left out, for a search apart
        from its scores.
      training: Digest of the training that confirms finalists. Default: left out.

    """
    left_out = {"rounds", "warm_start"}
    if not problem.config.confirm:
        left_out |= {"confirm", "confirm_epochs", "confirm_start"}
    config = problem.config.model_dump(mode="json", exclude=left_out)
    config["race"] = config.pop("halving")  # The name in the first versions.
    return SearchIdentity(
        seed=problem.seed,
        space=json_digest(problem.space.model_dump(mode="json")),
        config=json_digest(config),
        supernet=supernet,
        demands=tuple(problem.criteria.names) or None,
        start=problem.start.digest if problem.start else None,
        training=training if problem.config.confirm else None,
    )


def read_identity(file: Path) -> SearchIdentity:
    """Reads the oracle.json of a search project.

    Raises:
      ScaleNetError: If the file is not there or damaged.
    """
    advice = f"Put it back, or move {str(file.parent)!r} away and search again."
    return read_value(file, SearchIdentity, advice)


def check_identity(file: Path, identity: SearchIdentity) -> None:
    """Compares the identity in a project's oracle.json with that of a search.

    Raises:
      ScaleNetError: If they differ. The text names the part, what the file holds and what was received.
    """
    different = difference(read_identity(file), identity)
    if different:
        name, stored, received = different
        raise InvalidInputError(
            f"the search in {str(file.parent)!r} belongs to another {name}: it was started "
            f"with {stored!r}. Received: {received!r}. {_FIRST.get(name, 'Search')} in "
            "a new run, or move that folder away."
        )


def check_nothing_begun(file: Path, journal: Path) -> None:
    """Checks that a project without an oracle.json has no trials either.

    Args:
      file: Path of the oracle.json that is not there.
      journal: Path of the journal.

    Raises:
      ScaleNetError: If the journal has rows, so that the file was lost.
    """
    if journal.is_file() and journal.stat().st_size:
        raise DamagedFileError(
            f"{str(file)!r} is missing, which says what search the trials in {journal.name!r} belong to. Put "
            f"it back, or move {str(file.parent)!r} away and search again."
        )


def difference(stored: SearchIdentity, received: SearchIdentity) -> tuple[str, object, object] | None:
    """Returns the name of the first part in which two identities differ, with both sides, or None."""
    own, theirs = (identity.model_dump(mode="json") for identity in (stored, received))
    for part, name in _NAMES.items():
        if own.get(part) != theirs.get(part):
            return name, own.get(part), theirs.get(part)
    return None
