"""Files at a local path or a URL such as gs://, through fsspec, with credentials from the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils import files

LAST = "saved_model.pb"


def open_path(argument: str, location: str) -> tuple[Any, str]:
    """Returns the file system of a path or URL, and the path in it.

    Args:
      argument: Name of the argument in errors.
      location: Path or URL.

    Raises:
      ScaleNetError: If the scheme is unknown, or its package is not installed.
    """
    import fsspec

    if "://" in location:
        check_url(argument, location, here=True)
    try:
        system, path = fsspec.core.url_to_fs(location)
    except (ImportError, ValueError) as error:
        raise InvalidInputError(
            f"`{argument}` must be a path or a URL that fsspec can open. Received: {location!r} ({error}). "
            "Give a path, or a URL such as gs://BUCKET/FOLDER."
        ) from error
    return system, str(path).rstrip("/")


def check_url(argument: str, url: str, *, here: bool) -> None:
    """Checks the scheme of a URL without a network.

    Args:
      argument: Name of the argument in errors.
      url: URL; "::" chains several.
      here: Whether this machine is to open it, and not only others, whose packages are not known.

    Raises:
      ScaleNetError: If fsspec knows no such scheme, or its package is to be here and is not installed.
    """
    import fsspec
    from fsspec.registry import known_implementations, registry

    known = {*known_implementations, *registry}
    for scheme in (part.partition("://")[0] for part in url.split("::")):
        if scheme not in known:
            raise InvalidInputError(
                f"`{argument}` must be a path or a URL of a kind that fsspec knows, such as gs://BUCKET/FOLDER."
                f" Received: {url!r}.{nearest(scheme, sorted(known))}"
            )
        try:
            if here:
                fsspec.get_filesystem_class(scheme)
        except ImportError as error:
            ours = ' with: pip install "scalenet-tf[pipelines]"' if scheme in ("gs", "gcs") else ""
            raise InvalidInputError(
                f"`{argument}` must be a path or a URL that fsspec can open. Received: {url!r}, which needs "
                f"a package ({error}). Install it{ours or ', where tasks run too'}."
            ) from error


def versions(system: Any, folder: str) -> list[int]:
    """Numbers of the complete versions of a served model, ascending."""
    if not system.isdir(folder):
        return []
    system.invalidate_cache()
    names = (entry.rstrip("/").rsplit("/", 1)[-1] for entry in system.ls(folder, detail=False))
    return sorted(
        int(name) for name in names if name.isdecimal() and system.exists(f"{folder}/{name}/{LAST}")
    )


def newest_number(system: Any, folder: str) -> int:
    """Highest version number in use, incomplete versions included; 0 for none."""
    if not system.isdir(folder):
        return 0
    names = (entry.rstrip("/").rsplit("/", 1)[-1] for entry in system.ls(folder, detail=False))
    return max((int(name) for name in names if name.isdecimal()), default=0)


def upload_model(system: Any, model: Path, folder: str) -> None:
    """Copies a SavedModel so that no server loads an incomplete one.

    A local folder is renamed when it is complete; elsewhere saved_model.pb, without which a server ignores a
    folder, is copied last.

    Raises:
      FileExistsError: If another process has made the local folder meanwhile.
    """
    if is_local(system):
        files.write_folder(folder, lambda temporary: _copy(system, model, str(temporary)), replace=False)
    else:
        _copy(system, model, folder)


def is_local(system: Any) -> bool:
    """Whether a file system is local."""
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    return "file" in protocols


def download(system: Any, folder: str, target: Path) -> Path:
    """Copies a folder to a new local folder."""
    target.mkdir(parents=True)
    for path in system.find(folder):
        file = target / path.removeprefix(folder).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        system.get_file(path, str(file))
    return target


def _copy(system: Any, model: Path, folder: str) -> None:
    found = sorted(path for path in model.rglob("*") if path.is_file())
    for path in sorted(found, key=lambda path: path.name == LAST):
        target = f"{folder}/{path.relative_to(model).as_posix()}"
        system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        system.put_file(str(path), target)
