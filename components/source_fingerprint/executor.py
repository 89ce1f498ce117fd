"""Digest of the current content of a data source, from the listing of its files; without TensorFlow."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from components.common.log import log
from components.common.remote import open_path
from components.common.runs import read_config
from scalenet_tf import __version__
from scalenet_tf.config import override_config, override_texts
from scalenet_tf.config.source import parse_source
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.paths import with_absolute_paths
from scalenet_tf.utils.digest import json_digest

# Properties that distinguish versions of a file, as fsspec names them for object stores, then for disks.
_VERSIONS = ("generation", "etag", "ETag", "md5Hash", "mtime", "created", "LastModified")


def fingerprint(*, config: str, source: str = "") -> str:
    """The digest; see the component.

    Raises:
      ScaleNetError: If the folder cannot be listed or is empty.
    """
    settings = read_config(config)
    if source:
        settings = override_config(settings, override_texts({"data.source": source}))
    kind, location = parse_source(with_absolute_paths(settings).data.source)
    # Bundled images and data sets of TFDS change with the version of their package.
    if kind == "bundled":
        found: list[Any] = [kind, __version__]
    elif kind == "tfds":
        found = [kind, location, version("tensorflow-datasets")]
    else:
        found = [kind, _files(kind, location)]
    digest = json_digest(found)
    log("source_fingerprint", "finished", source=kind, place=location, fingerprint=digest)
    return digest


def _files(kind: str, location: str) -> list[list[Any]]:
    """Name, size and version of each file, sorted."""
    system, root = open_path("data.source", location)
    listed = system.find(root, detail=True)
    if not listed:
        raise InvalidInputError(
            f"`data.source` {kind}:PATH must be a folder that holds files. Received: {location!r}, with none."
        )
    return [
        [
            path.removeprefix(root),
            about["size"],
            next((str(about[name]) for name in _VERSIONS if about.get(name) is not None), ""),
        ]
        for path, about in sorted(listed.items())
    ]
