"""What a search project belongs to, so that a resume with something else is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scalenet_tf import files
from scalenet_tf.config import SearchConfig
from scalenet_tf.digest import json_digest
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import SearchSpace

_NAMES = {"seed": "seed", "space": "space", "config": "configuration", "supernet": "super-supernet"}


def identify(space: SearchSpace, config: SearchConfig, seed: int, supernet: str) -> dict[str, int | str]:
    """The seed, and digests of the space, the configuration and the weights."""
    return {
        "seed": seed,
        "space": json_digest(space.model_dump(mode="json")),
        "config": json_digest(config.model_dump(mode="json")),
        "supernet": supernet,
    }


def check_identity(file: Path, identity: dict[str, int | str]) -> None:
    """Compares with what `file` holds.

    Raises:
      ScaleNetError: naming what differs, what the file holds and what was received.
    """
    difference = differing(files.read_json(file), identity)
    if difference:
        name, stored, received = difference
        raise ScaleNetError(
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
