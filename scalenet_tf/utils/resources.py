"""Text files that the package ships under a name, or that a user gives by path."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from scalenet_tf.errors import InvalidInputError, nearest


def read_shipped(argument: str, name_or_path: str, names: Sequence[str], package: str) -> str:
    """Reads NAME.yaml of `package`, or the file at a path.

    Args:
      argument: Name of the argument in error texts.
      name_or_path: One of `names`, the path of a YAML file, or a URL such as gs://BUCKET/FILE.
      names: Names of the shipped files.
      package: Package of the shipped files, for example "scalenet_tf.config.runs".

    Returns:
      The text of the file.

    Raises:
      ScaleNetError: If it is neither a name nor a readable file; the text names the nearest name.

    Example:
      >>> read_shipped("config", "smoke", ("quickstart", "smoke"), "scalenet_tf.config.runs")
    """
    if name_or_path in names:
        return resources.files(package).joinpath(f"{name_or_path}.yaml").read_text("utf-8")
    if "://" in name_or_path:
        return _download(argument, name_or_path)
    if Path(name_or_path).is_file():
        return Path(name_or_path).read_text("utf-8")
    raise InvalidInputError(
        f"`{argument}` must be one of {list(names)} or the path of a YAML file. "
        f"Received: {name_or_path!r}.{nearest(name_or_path, names)}"
    )


def _download(argument: str, url: str) -> str:
    import fsspec

    try:
        with fsspec.open(url, "rt", encoding="utf-8") as file:
            return str(file.read())
    except (OSError, ImportError, ValueError) as error:
        raise InvalidInputError(
            f"`{argument}` cannot be read. Received: {url!r} ({error}). Give a URL that fsspec can open; for "
            'gs:// install: pip install "scalenet-tf[pipelines]"'
        ) from error
