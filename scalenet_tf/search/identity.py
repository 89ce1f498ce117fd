"""The identity of a search: digests that tell whether two searches would ask for the same subnets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest

Identity = dict[str, int | str | list[str]]

# The keys of oracle.json, in its order. `demands` are the criteria: that key was written by earlier versions,
# whose searches must go on.
_PARTS = {
    "seed": "seed",
    "space": "space",
    "config": "configuration",
    "supernet": "super-supernet",
    "demands": "set of constraints and objective",
    "start": "warm start",
}


def identify(problem: SearchProblem, supernet: str | None = None) -> Identity:
    """Returns the identity of a search.

    Args:
      problem: The search.
      supernet: Digest of the weights that its subnets are scored with. Default: left out, for a search apart
        from its scores.

    Returns:
      The seed, the digests of space, configuration, weights and warm start, and the names of the user's
      callables. What is absent has no key. `rounds` is left out of the configuration, since it only says how
      long the search lasts, and so is the path of a warm start, whose content has a digest of its own.
    """
    config = problem.config.model_dump(mode="json", exclude={"rounds", "warm_start"})
    config["race"] = config.pop("halving")  # The name when the first searches were begun.
    parts: dict[str, int | str | list[str] | None] = {
        "seed": problem.seed,
        "space": json_digest(problem.space.model_dump(mode="json")),
        "config": json_digest(config),
        "supernet": supernet,
        "demands": problem.criteria.names or None,
        "start": problem.start.digest if problem.start else None,
    }
    return {key: part for key, part in parts.items() if part is not None}


def check_identity(file: Path, identity: Identity) -> None:
    """Compares the identity in a project's oracle.json with that of a search.

    Raises:
      ScaleNetError: If they differ. The text names the part, what the file holds and what was received.
    """
    different = difference(files.read_json(file), identity)
    if different:
        name, stored, received = different
        raise InvalidInputError(
            f"the search in {str(file.parent)!r} belongs to another {name}: it was started "
            f"with {stored!r}. Received: {received!r}. Search in a new run, or move that "
            "folder away."
        )


def difference(stored: Mapping[str, Any], received: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """Returns the name of the first part in which two identities differ, with both sides, or None."""
    for key, name in _PARTS.items():
        if stored.get(key) != received.get(key):
            return name, stored.get(key), received.get(key)
    return None
