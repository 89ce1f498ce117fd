"""Folders of images: PATH/SPLIT/CLASS/*, as ImageFolder of TFDS reads them, or PATH/CLASS/*."""

from __future__ import annotations

import os

from scalenet_tf.data.image_files import Files, is_folder, list_images, names_in
from scalenet_tf.data.sources.source import Source
from scalenet_tf.errors import InvalidInputError

_SUFFIXES = (".jpg", ".jpeg", ".png")
_TEST_NAMES = ("test", "validation", "val")


def open_folder(path: str) -> Source:
    """Opens a folder. Its subfolders are splits if one of them is `train`, otherwise classes.

    Classes are numbered in sorted order, as in ImageFolder of TFDS. ImageFolder itself is not used, since it
    decodes the files and could neither name nor skip a corrupt one.
    """
    path = os.path.expanduser(path)
    folders = _folders(path)
    if "train" not in folders:
        return _source(path, {"": folders}, None)
    test = next((name for name in _TEST_NAMES if name in folders), None)
    splits = {name: _folders(os.path.join(path, name)) for name in ("train", test) if name}
    return _source(path, splits, test)


def _source(path: str, splits: dict[str, list[str]], test: str | None) -> Source:
    labels = tuple(sorted(set().union(*splits.values())))
    _check_text(path, labels)
    if not labels:
        raise InvalidInputError(
            f"`data.source` folder:{path} must hold a folder of images for each class, or train/ and "
            "test/ with "
            "such folders. It holds none."
        )
    files = {split: _files(os.path.join(path, split), labels) for split in splits}
    empty = next((split for split, found in files.items() if not found.paths), None)
    if empty is not None:
        raise InvalidInputError(
            f"`data.source`: {os.path.join(path, empty)!r} holds no images. Class folders must hold "
            f"{', '.join(_SUFFIXES)} files."
        )
    return Source(labels, files["train" if "train" in splits else ""], files[test] if test else None)


def _check_text(path: str, labels: tuple[str, ...]) -> None:
    """Raises ScaleNetError if the name of a class is not UTF-8, since results are stored under it."""
    for label in labels:
        try:
            label.encode()
        except UnicodeEncodeError as error:
            raise InvalidInputError(
                f"`data.source` folder:{path}: the folder of a class must have a name in UTF-8. Received: "
                f"{label!r}, where \\udcXX stands for the byte XX. Rename the folder."
            ) from error


def _folders(path: str) -> list[str]:
    if not is_folder(path):
        raise InvalidInputError(
            f"`data.source` folder:PATH must be an existing folder of images. Received: {path!r}"
        )
    names = (name.rstrip("/") for name in names_in(path))
    return sorted(name for name in names if not name.startswith(".") and is_folder(os.path.join(path, name)))


def _files(path: str, labels: tuple[str, ...]) -> Files:
    return Files.of(
        [
            (file, number)
            for number, label in enumerate(labels)
            if is_folder(os.path.join(path, label))
            for file in list_images(os.path.join(path, label), _SUFFIXES)
        ]
    )
