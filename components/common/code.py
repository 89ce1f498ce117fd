"""Digest of the code that the steps run."""

from __future__ import annotations

import hashlib
import inspect
from importlib import resources

from scalenet_tf.run.provenance import package_versions
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils.digest import file_digest, json_digest

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


def blocks_digest(space: SearchSpace) -> str:
    """Digests the files of a space's own blocks, of which the space has the names alone.

    Returns:
      16 hexadecimal digits; "" if all blocks are shipped.
    """
    ops = {type(op) for stage in space.stages for op in stage.ops}
    own = {op for op in ops if not op.__module__.startswith("scalenet_tf.")}
    found = {f"{op.__module__}:{op.__qualname__}": file_digest(inspect.getfile(op)) for op in own}
    return json_digest(found) if found else ""
