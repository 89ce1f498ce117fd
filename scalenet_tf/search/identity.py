"""What a search project belongs to, so that a resume with something else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.utils import files
from scalenet_tf.utils.digest import json_digest

_NAMES = {
    "seed": "seed",
    "space": "space",
    "config": "configuration",
    "supernet": "super-supernet",
    "demands": "set of constraints and objective",
    "start": "warm start",
}


Identity = dict[str, int | str | list[str]]


def deciding(config: SearchConfig) -> dict[str, Any]:
    """What of a configuration decides the subnets that a search asks for.

    `rounds` only says how many, and of a warm start the content counts and not the path.
    """
    return config.model_dump(mode="json", exclude={"rounds", "warm_start"})


def identify(
    space: SearchSpace,
    config: SearchConfig,
    seed: int,
    supernet: str,
    criteria: Criteria = NO_CRITERIA,
    start: WarmStart | None = None,
) -> Identity:
    """The seed, names of a user's own rules, digests of space, configuration, weights and warm start."""
    own: Identity = {"demands": criteria.names} if criteria.names else {}
    if start is not None:
        own["start"] = start.digest
    return {
        "seed": seed,
        "space": json_digest(space.model_dump(mode="json")),
        "config": json_digest(deciding(config)),
        "supernet": supernet,
        **own,
    }


def check_identity(file: Path, identity: Identity) -> None:
    """Compares with what `file` holds.

    Raises:
      ScaleNetError: naming what differs, what the file holds and what was received.
    """
    difference = differing(files.read_json(file), identity)
    if difference:
        name, stored, received = difference
        raise InvalidInputError(
            f"the search in {str(file.parent)!r} belongs to another {name}: it was begun "
            f"with {stored!r}. Received: {received!r}. Search in a new run, or move that "
            "folder away."
        )


def differing(own: Mapping[str, Any], received: Mapping[str, Any]) -> tuple[str, Any, Any] | None:
    """The first of an identity's parts that differs, with both sides; None where none does."""
    for key, name in _NAMES.items():
        if own.get(key) != received.get(key):
            return name, own.get(key), received.get(key)
    return None
