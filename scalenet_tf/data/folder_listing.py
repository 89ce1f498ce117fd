"""Finds the images below a folder, and counts what lies there beside them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from scalenet_tf.data.image_files import StoredFile, is_folder, is_local, names_in, stored_files
from scalenet_tf.data.reading import NOT_OURS, Reading, skips_folder
from scalenet_tf.data.sources.split_names import role_of


@dataclass
class Unused:
    """Counts of files and folders that are not used.

    Attributes:
      suffixes: For each other suffix, the number of files.
      empty: Folders without any image.
      links: Number of links to folders, which are not followed.
      outside: Number of images that are in no class folder.
      several_splits: Folders with images in folders of their own that are named like several splits, such as
        cat/train and cat/test, and these names.
    """

    suffixes: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)
    links: int = 0
    outside: int = 0
    several_splits: dict[str, list[str]] = field(default_factory=dict)

    def described(self) -> tuple[str, ...]:
        """Returns a text for each kind, such as "12 .heic"."""
        found = [f"{count:,} {suffix}" for suffix, count in self.suffixes.most_common()]
        if self.empty:
            more = ", …" if len(self.empty) > 3 else ""
            found.append(f"{len(self.empty):,} without images ({', '.join(self.empty[:3])}{more})")
        if self.links:
            found.append(f"{self.links:,} link{'s' if self.links > 1 else ''} to folders")
        if self.outside:
            found.append(f"{self.outside:,} image{'s' if self.outside > 1 else ''} outside of class folders")
        return tuple(found)

    def links_hint(self) -> str:
        """Returns a sentence for an error about images that are missing; "" if there are no links."""
        if not self.links:
            return ""
        return f" Links to folders are not followed, and there are {self.links:,}: copy what they lead to."


def list_images(folder: str, reading: Reading, unused: Unused) -> list[StoredFile]:
    """Lists the images of a class, sorted by name; those of nested folders come after the folder's own.

    No entry is opened, since opening a pipe would wait for its other end.
    """
    names, nested = names_in(folder), []
    images = stored_files([os.path.join(folder, name) for name in names if reading.takes(name)])
    for name in names:
        if not reading.takes(name) and not _is_of_systems(name):
            path = os.path.join(folder, name.rstrip("/"))
            if not is_folder(path):
                unused.suffixes[_suffix(name)] += 1
            elif reading.nested and not (is_local(path) and os.path.islink(path)):
                nested.append(path)
            else:
                unused.links += reading.nested
    splits = []
    for path in nested:
        images += (found := list_images(path, reading, unused))
        if found and role_of(os.path.basename(path)):
            splits.append(os.path.basename(path))
    if len(set(map(role_of, splits))) > 1:
        unused.several_splits[folder] = splits
    if not images:
        unused.empty.append(folder.rstrip("/").split("/")[-1] + "/")
    return images


def count_outside(folder: str, reading: Reading, unused: Unused, folders: Collection[str]) -> None:
    """Counts the files of a folder that should hold folders of classes only.

    Args:
      folder: The folder.
      reading: The rules by which it is read.
      unused: The counts that are added to.
      folders: Names of folders in it that are known, for each of which remote storage would be asked.
    """
    for name in names_in(folder):
        if reading.takes(name):
            unused.outside += 1
        elif not (
            name.rstrip("/") in folders or _is_of_systems(name) or is_folder(os.path.join(folder, name))
        ):
            unused.suffixes[_suffix(name)] += 1


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower() or "without a suffix"


def _is_of_systems(name: str) -> bool:
    return skips_folder(name) or name.lower() in NOT_OURS
