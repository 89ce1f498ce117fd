"""Digest of the current content of a data source, from the listing of its files; without TensorFlow."""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import Any

from components.common.log import log
from components.common.runs import read_config
from components.source_fingerprint.listing import list_files
from scalenet_tf import __version__
from scalenet_tf.config import override_config, override_texts
from scalenet_tf.config.source import parse_source
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.paths import with_absolute_paths
from scalenet_tf.utils.digest import json_digest


def fingerprint(*, config: str, source: str = "") -> str:
    """The digest; see the component.

    Raises:
      ScaleNetError: If the folder cannot be listed or is empty.
    """
    settings = read_config(config)
    if source:
        settings = override_config(settings, override_texts({"data.source": source}))
    data = with_absolute_paths(settings).data
    kind, location = parse_source(data.source)
    # Bundled images change with this package, and data sets of TFDS with theirs.
    if kind == "bundled":
        found: list[Any] = [kind, __version__]
    elif kind == "tfds":
        found = [kind, location, version("tensorflow-datasets"), _prepared(location, data.data_dir)]
    else:
        found = [kind, _files(kind, location)]
    digest = json_digest(found)
    log("source_fingerprint", "finished", source=kind, place=location, fingerprint=digest)
    return digest


def _prepared(name: str, data_dir: str | None) -> list[list[Any]]:
    """Files of a prepared set in a folder of the user's, who may prepare it anew under the same name."""
    if data_dir is None:
        return []
    return list_files("data.data_dir", f"{data_dir.rstrip('/')}/{re.split('[/:]', name)[0]}")


def _files(kind: str, location: str) -> list[list[Any]]:
    listed = list_files("data.source", location)
    if not listed:
        raise InvalidInputError(
            f"`data.source` {kind}:PATH must be a folder that holds files. Received: {location!r}, with none."
        )
    return listed
