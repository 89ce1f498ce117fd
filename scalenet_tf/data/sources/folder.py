"""Folders of images: PATH/SPLIT/CLASS/*, as ImageFolder of TFDS reads them, or PATH/CLASS/*."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from scalenet_tf.data.folder_listing import Unused, count_outside, list_images
from scalenet_tf.data.image_files import Files, names_in
from scalenet_tf.data.reading import PHOTOS, Reading
from scalenet_tf.data.sources.class_names import unique_names
from scalenet_tf.data.sources.folder_layout import find_layout, subfolders
from scalenet_tf.data.sources.labels_table import TABLE
from scalenet_tf.data.sources.source import ALL, Source
from scalenet_tf.errors import InvalidInputError

_TASK = "task=multi_label"


def open_folder(path: str, reading: Reading = PHOTOS, *, begun: bool = False) -> Source:
    """Opens a folder. Its subfolders are splits if they hold folders and are named so, otherwise classes.

    Classes are numbered in sorted order, as in ImageFolder of TFDS. ImageFolder itself is not used, since it
    decodes the files and could neither name nor skip a corrupt one.

    Args:
      path: The folder.
      reading: The rules by which it is read.
      begun: Whether a run has begun with these images. Earlier versions mixed splits within classes.

    Raises:
      ScaleNetError: If the folder has no such layout, or holds no images.
    """
    path = os.path.expanduser(path)
    layout = find_layout(path, reading)
    folders = {role: _classes(os.path.join(path, split)) for role, split in layout.splits.items()}
    # A class has the place of its folder as it is written, even if a name is written in two ways.
    first = {label: name for classes in reversed(folders.values()) for label, name in classes.items()}
    labels = tuple(sorted(first, key=lambda label: first[label]))
    table = TABLE in names_in(path)
    if not labels:
        raise InvalidInputError(
            f"`data.source` folder:{path} must hold a folder of images for each class, or train/ and test/ "
            f"with such folders. It holds none.{f' Its {TABLE} is read with {_TASK}.' if table else ''}"
        )
    left = Unused()
    files = {
        role: _files(os.path.join(path, split), labels, folders[role], reading, left)
        for role, split in layout.splits.items()
    }
    if left.several_splits and not begun:
        raise _mixed_splits(path, left.several_splits)
    empty = next((role for role, found in files.items() if not found.paths), None)
    if empty is not None:
        raise InvalidInputError(
            f"`data.source`: {os.path.join(path, layout.splits[empty])!r} holds no images. Class folders "
            f"must hold {', '.join(reading.suffixes)} files.{left.links_hint()}"
        )
    places = {role: f"{split}/" if split else ALL for role, split in layout.splits.items()}
    known = {split: {*folders[role].values()} for role, split in layout.splits.items()}
    for split, names in ({"": {*layout.splits.values(), *layout.unused}} | known).items():
        count_outside(os.path.join(path, split), reading, left, names)
    left.suffixes -= {".csv": table}
    unused = tuple(
        f"{name}/ ({_count(os.path.join(path, name), reading):,} images)" for name in layout.unused
    )
    return Source(
        labels,
        files.get("train"),
        files.get("validation"),
        files.get("test"),
        places,
        unused,
        unread=(*([f"{TABLE} (which {_TASK} reads)"] if table else []), *left.described()),
    )


def _mixed_splits(path: str, found: Mapping[str, list[str]]) -> InvalidInputError:
    folder, names = next(iter(found.items()))
    label = os.path.basename(folder)
    splits = ", ".join(f"{name}/" for name in names)
    if subfolders(os.path.join(folder, names[0])):
        advice = f"If {label!r} is no class but holds the whole data set, pass folder:{folder}"
    else:
        advice = f"Move them to {names[0]}/{label}, {names[1]}/{label} and so on"
    return InvalidInputError(
        f"`data.source` folder:{path} must hold splits with classes in them, or classes without splits. "
        f"Received: {splits} in the class folder {folder!r}, whose images would be mixed. {advice}; if they "
        "are no splits, rename them."
    )


def _check_text(path: str, labels: list[str]) -> None:
    """Raises ScaleNetError if the name of a class is not UTF-8, since results are stored under it."""
    for label in labels:
        try:
            label.encode()
        except UnicodeEncodeError as error:
            raise InvalidInputError(
                f"`data.source` folder:{path}: the folder of a class must have a name in UTF-8. Received: "
                f"{label!r}, where \\udcXX stands for the byte XX. Rename the folder."
            ) from error


def _classes(path: str) -> dict[str, str]:
    """Returns the folder of each class, by the name of the class."""
    names = subfolders(path)
    _check_text(path, names)
    labels = unique_names(names, [f"folder {name!r}" for name in names], repr(path))
    return dict(zip(labels, names, strict=True))


def _files(
    path: str, labels: tuple[str, ...], folders: dict[str, str], reading: Reading, unused: Unused
) -> Files:
    found = [
        (file, number)
        for number, label in enumerate(labels)
        if label in folders
        for file in list_images(os.path.join(path, folders[label]), reading, unused)
    ]
    return Files.of([file for file, _ in found], np.array([number for _, number in found], np.int64))


def _count(path: str, reading: Reading) -> int:
    """Number of images below a folder."""
    return len(list_images(path, replace(reading, nested=True), Unused()))
