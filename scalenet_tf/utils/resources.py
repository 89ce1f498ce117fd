"""Text files that the package ships under a name, or that a user gives by path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from scalenet_tf.errors import InvalidInputError, nearest
from scalenet_tf.utils.shown import received
from scalenet_tf.utils.yaml_text import MOST_CHARACTERS

# Not file:// or local://: a service that takes URLs would read its own files for anyone. Not "::" either,
# which chains them.
_SCHEMES = ("gs", "gcs", "s3", "az", "abfs", "abfss", "hdfs", "https", "http", "memory")


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
      ScaleNetError: If it is neither a name nor a readable file of UTF-8 text of at most 4 MB; the text names
        the nearest name.

    Example:
      >>> read_shipped("config", "smoke", ("quickstart", "smoke"), "scalenet_tf.config.runs")
    """
    if name_or_path in names:
        return resources.files(package).joinpath(f"{name_or_path}.yaml").read_text("utf-8")
    if is_url(name_or_path):
        return _decoded(argument, name_or_path, _download(argument, name_or_path))
    if Path(name_or_path).is_file():
        return read_text(argument, Path(name_or_path))
    raise InvalidInputError(
        f"`{argument}` must be one of {list(names)} or the path of a YAML file. "
        f"Received: {received(name_or_path)}.{nearest(name_or_path, names)}"
    )


def read_text(argument: str, path: Path) -> str:
    """Reads a text file of at most `MOST_CHARACTERS`.

    Args:
      argument: Name of the argument in error texts.
      path: The file.

    Raises:
      ScaleNetError: If it cannot be read, is too large, or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_CHARACTERS + 1)
    except OSError as error:
        raise InvalidInputError(
            f"`{argument}` cannot be read. Received: {received(str(path))} ({error.strerror})."
        ) from error
    return _decoded(argument, str(path), data)


def is_url(name_or_path: str) -> bool:
    """Whether a text is a URL rather than a name or a path."""
    return "://" in name_or_path


@contextmanager
def nothing_quoted(argument: str, name_or_path: str) -> Iterator[None]:
    """Replaces errors about the content of a URL by one that quotes nothing of what was read.

    A service may show these errors to whoever chose the URL, which may be one that only the service can read.

    Args:
      argument: Name of the argument in error texts.
      name_or_path: Source of the content; errors about names and paths stay as they are.
    """
    try:
        yield
    except InvalidInputError:
        if not is_url(name_or_path):
            raise
        raise InvalidInputError(
            f"`{argument}` {received(name_or_path)} was read, and what it holds is not valid. Download it "
            f"and give its path, to see what is wrong."
        ) from None


def _decoded(argument: str, name: str, data: bytes) -> str:
    if len(data) > MOST_CHARACTERS:
        raise InvalidInputError(
            f"`{argument}` {received(name)} is too large: at most {MOST_CHARACTERS:,} bytes are read."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"`{argument}` {received(name)} is not YAML: byte {error.start} is not UTF-8. Save it as UTF-8."
        ) from None


def _download(argument: str, url: str) -> bytes:
    import fsspec

    scheme = url.partition("://")[0]
    if scheme not in _SCHEMES:
        raise InvalidInputError(
            f"`{argument}` must be a name, a path, or a URL that begins with one of "
            f"{', '.join(f'{name}://' for name in _SCHEMES)}. Received: {received(url)}"
        )
    try:
        with fsspec.open(url, "rb") as file:
            return bytes(file.read(MOST_CHARACTERS + 1))
    except (OSError, ImportError, ValueError) as error:
        raise InvalidInputError(
            f"`{argument}` cannot be read. Received: {received(url)} ({type(error).__name__}). Give a URL "
            'that fsspec can open; for gs:// install: pip install "scalenet-tf[pipelines]"'
        ) from error
