"""Text that the package ships under a name, or a user's own under a path."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from scalenet_tf.errors import ScaleNetError, nearest


def read_shipped(argument: str, name_or_path: str, names: Sequence[str], package: str) -> str:
    """The text of NAME.yaml in `package`, or of the file at a path.

    Args:
      argument: What an error calls it.
      name_or_path: One of `names`, or the path of a YAML file, or its URL such as gs://BUCKET/FILE.
      names: Those that ship with the package.
      package: Where they lie, "scalenet_tf.config.runs" for example.

    Raises:
      ScaleNetError: where it is neither, naming the nearest name.

    Example:
      >>> read_shipped("config", "smoke", ("quickstart", "smoke"), "scalenet_tf.config.runs")
    """
    if name_or_path in names:
        return resources.files(package).joinpath(f"{name_or_path}.yaml").read_text("utf-8")
    if "://" in name_or_path:
        return _download(argument, name_or_path)
    if Path(name_or_path).is_file():
        return Path(name_or_path).read_text("utf-8")
    raise ScaleNetError(
        f"`{argument}` must be one of {list(names)} or the path of a YAML file. "
        f"Received: {name_or_path!r}.{nearest(name_or_path, names)}"
    )


def _download(argument: str, url: str) -> str:
    import fsspec

    try:
        with fsspec.open(url, "rt", encoding="utf-8") as file:
            return str(file.read())
    except (OSError, ImportError, ValueError) as error:
        raise ScaleNetError(
            f"`{argument}` cannot be read. Received: {url!r} ({error}). Give a URL that fsspec can open; for "
            'gs:// install: pip install "scalenet-tf[pipelines]"'
        ) from error
