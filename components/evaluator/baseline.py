"""The baseline: the model that is served now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from components.common.mark import marked_digest
from components.common.remote import LAST, download, is_local, open_path, versions


@contextmanager
def baseline_model(uri: str, name: str, own: str = "") -> Iterator[tuple[str, str] | None]:
    """Yields a local copy of the baseline and its name, or None if there is no baseline.

    Args:
      uri: Path or URL of a SavedModel, or of a folder of served models, of which the newest version of `name`
        is used; "" for no baseline.
      name: Name of the member, such as "s0".
      own: Digest of the model that is evaluated. Versions that are this model, which an earlier attempt has
        pushed, are passed over: a model is no better than itself.

    Raises:
      ScaleNetError: If the URL cannot be opened.
    """
    if not uri:
        yield None
        return
    system, path = open_path("baseline_uri", uri)
    folder = path
    if not system.exists(f"{path}/{LAST}"):
        served = (f"{path}/{name}/{number}" for number in reversed(versions(system, f"{path}/{name}")))
        other = next(
            (version for version in served if not own or marked_digest(system, version) != own), None
        )
        if other is None:
            yield None
            return
        folder = other
    called = uri.rstrip("/") + folder.removeprefix(path)
    if is_local(system):
        yield folder, called
        return
    with TemporaryDirectory() as temporary:
        yield str(download(system, folder, Path(temporary) / "baseline")), called
