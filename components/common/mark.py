"""The mark of a pushed model: a small file that says which model a served version is."""

from __future__ import annotations

from typing import Any

from scalenet_tf.utils import files

# Servers ignore assets.extra.
MARK = "assets.extra/scalenet.json"


def marked_digest(system: Any, version: str) -> object:
    """Returns the digest of the model that is served as a version, or None if nothing whole says it.

    Args:
      system: File system of the version.
      version: Folder of the version in it.
    """
    mark = f"{version}/{MARK}"
    if not system.exists(mark):
        return None
    try:
        return files.parse_json(system.cat_file(mark)).get("digest")
    except (ValueError, AttributeError):
        return None
