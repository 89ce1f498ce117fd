"""Digest of the code that the steps run."""

from __future__ import annotations

import hashlib
from importlib import resources

from scalenet_tf.run.provenance import package_versions
from scalenet_tf.utils.digest import json_digest

PACKAGES = ("scalenet_tf", "components")
_SUFFIXES = (".py", ".yaml", ".html", ".j2")


def code_digest() -> str:
    """Digests the code of all steps, so that an edited step is not served from a cache.

    Returns:
      16 hexadecimal digits of the sources and templates of library and components, and of the
      versions of packages.
    """
    digest = hashlib.sha256(json_digest(package_versions()).encode())
    for package in PACKAGES:
        with resources.as_file(resources.files(package)) as root:
            for file in sorted(root.rglob("*")):
                if file.suffix in _SUFFIXES and file.is_file():
                    digest.update(f"{package}/{file.relative_to(root).as_posix()}\0".encode())
                    digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
