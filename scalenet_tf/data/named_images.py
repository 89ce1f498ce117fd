"""Image files that a user names, one by one or by their folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from scalenet_tf.data.reading import PHOTOS, skips_folder
from scalenet_tf.data.suffixes import SUFFIXES
from scalenet_tf.errors import InvalidInputError


def named_images(images: str | Path | Iterable[str | Path]) -> list[Path]:
    """Returns the files that are named, and those in the folders that are named, sorted by name.

    A file that is not there is one that cannot be read: it is named with the others.

    Args:
      images: Image files, or folders, which are searched for images. One path need not be in a list.

    Raises:
      ScaleNetError: If a folder holds no image, or nothing is there at all.

    Example:
      >>> named_images(["shoe.png", "more"])
      [PosixPath('shoe.png'), PosixPath('more/bag.jpg')]
    """
    named = [images] if isinstance(images, str | Path) else images
    found = [path for given in named for path in _files(Path(given))]
    if found and not any(os.path.lexists(path) for path in found):
        raise InvalidInputError(
            "`images` must be image files, or folders that hold some. There is no file or folder "
            f"{os.path.abspath(found[0])!r}."
        )
    return found


def _files(given: Path) -> Iterator[Path]:
    if not given.is_dir():  # A link to nothing, or nothing, is named with the other images.
        yield given
        return
    found = [path for path in sorted(given.rglob("*")) if PHOTOS.takes(path.name)]
    found = [path for path in found if not any(map(skips_folder, path.relative_to(given).parts[:-1]))]
    if not found:
        raise InvalidInputError(
            f"`images` must be image files or folders that hold some ({', '.join(SUFFIXES)}). "
            f"Received: {str(given)!r}"
        )
    yield from found
