"""Tells the splits of an image folder from its classes."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from scalenet_tf.data.image_files import is_folder, names_in
from scalenet_tf.data.reading import Reading, skips_folder
from scalenet_tf.data.sources.split_names import Role, assign_roles, role_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import first_few

logger = logging.getLogger(__name__)

_LIKE_A_SPLIT = re.compile(r"(train|training|val|valid|validation|dev|test|testing)[ ._-]", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The splits of an image folder.

    Attributes:
      splits: Folder of each split that exists, relative to the image folder; "" where the classes are in the
        image folder itself.
      unused: Folders that hold images and belong to no split.
    """

    splits: Mapping[Role, str]
    unused: tuple[str, ...] = ()


def find_layout(path: str, reading: Reading) -> Layout:
    """Tells splits from classes by what folders hold: a split has folders of images, a class has images.

    Args:
      path: The image folder.
      reading: The rules by which the folder is read.

    Raises:
      ScaleNetError: If there are splits beside classes, two folders for one split, or splits without classes.
    """
    folders = subfolders(path)
    named = [name for name in folders if role_of(name)]
    if not named:
        _warn_of_splits(path, folders, reading)
        return Layout({"train": ""})
    holding = [name for name in folders if holds_images(os.path.join(path, name), reading)]
    split = [name for name in named if subfolders(os.path.join(path, name))]
    if not split:
        if set(holding) <= set(named) and holding:
            raise InvalidInputError(
                f"`data.source` folder:{path} must hold a folder for each class in each split. Received: "
                f"images in {_folders(holding)} that belong to no class. Move them into folders named like "
                f"their classes. If {holding[0]!r} is a class, move it into a folder 'train' or 'test'."
            )
        return Layout({"train": ""})
    classes = [name for name in holding if name not in named]
    if classes:
        raise InvalidInputError(
            f"`data.source` folder:{path} must hold either splits or classes. Received both: "
            f"{_folders(split)} with folders in it, and {_folders(classes)} with images in it. Move the "
            f"classes into the split they belong to. If {split[0]!r} is a class, move the images of its "
            "folders into it."
        )
    others = [name for name in folders if name not in split]
    unused = [name for name in others if name in holding or _holds_classes(os.path.join(path, name), reading)]
    return Layout(assign_roles(split, f"folder:{path}"), tuple(unused))


def _warn_of_splits(path: str, folders: list[str], reading: Reading) -> None:
    """Warns of folders such as training_set/ and test_set/ with classes in them, which become two classes."""

    def holds_only_classes(name: str) -> bool:
        own = os.path.join(path, name)
        return _holds_classes(own, reading) and not holds_images(own, reading)

    like = [name for name in folders if _LIKE_A_SPLIT.match(name)]
    if len(like) > 1 and all(map(holds_only_classes, like)):
        logger.warning(
            f"{_folders(like)} of {path!r} hold folders of images, and are taken for classes. If they are "
            "splits, rename them train, validation and test."
        )


def subfolders(path: str) -> list[str]:
    """Returns the names of the folders in a folder, sorted, without those that no user has made.

    Raises:
      ScaleNetError: If there is no such folder.
    """
    if not is_folder(path):
        raise InvalidInputError(
            f"`data.source` folder:PATH must be an existing folder of images. Received: {path!r}"
        )
    names = (name.rstrip("/") for name in names_in(path))
    return sorted(name for name in names if not skips_folder(name) and is_folder(os.path.join(path, name)))


def holds_images(path: str, reading: Reading) -> bool:
    """Whether a folder holds image files itself."""
    return any(map(reading.takes, names_in(path)))


def _holds_classes(path: str, reading: Reading) -> bool:
    return any(holds_images(os.path.join(path, name), reading) for name in subfolders(path))


def _folders(names: list[str]) -> str:
    return first_few([f"{name}/" for name in names], 3)
