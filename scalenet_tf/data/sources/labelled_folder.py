"""Folders of images with labels.csv, which names any number of classes for each of them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

import tensorflow as tf

from scalenet_tf.data.folder_listing import Unused, list_images
from scalenet_tf.data.image_files import Files, StoredFile, is_folder
from scalenet_tf.data.multi_hot import multi_hot
from scalenet_tf.data.reading import PHOTOS
from scalenet_tf.data.sources.class_names import unique_names
from scalenet_tf.data.sources.labels_table import FORM, TABLE, TableRow, check_once, parse_table
from scalenet_tf.data.sources.source import ALL, Source
from scalenet_tf.data.sources.split_names import Role
from scalenet_tf.data.suffixes import SUFFIXES
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import first_few


def open_labelled_folder(path: str) -> Source:
    """Opens a folder whose labels.csv tells the classes of its images, wherever they are below it.

    Classes are the labels that occur, in sorted order. Images without a row are not used.

    Raises:
      ScaleNetError: If there is no such folder or table, or the table names a file that is no image there.
    """
    path = os.path.expanduser(path)
    rows = parse_table(_read(path), os.path.join(path, TABLE))
    left = Unused()
    images = {os.path.relpath(file.path, path): file for file in list_images(path, PHOTOS, left)}
    first = {label: row.line for row in reversed(rows) for label in row.labels}
    names = sorted(first)
    labels = unique_names(names, [f"line {first[name]}" for name in names], repr(os.path.join(path, TABLE)))
    left.suffixes -= {".csv": 1}  # the table itself
    # Their order decides the splits, so it is that of the table wherever the folder was copied to.
    rows = _with_files(sorted(rows, key=lambda row: row.file), images, left, path)
    named = {row.file for row in rows}
    rest = [name for name in images if name not in named]
    more = "s" if len(rest) > 1 else ""
    unread = (f"{len(rest):,} image{more} without a row in {TABLE} ({first_few(rest, 3)})",) if rest else ()
    roles: dict[Role, list[TableRow]] = {}
    for row in rows:
        roles.setdefault(row.role or "train", []).append(row)
    found = {role: _files(path, own, images, labels) for role, own in roles.items()}
    split = any(row.role for row in rows)
    places: dict[Role, str] = {role: f"split {role} of {TABLE}" if split else ALL for role in roles}
    return Source(
        labels,
        found.get("train"),
        found.get("validation"),
        found.get("test"),
        places,
        unread=(*unread, *left.described()),
    )


def _read(path: str) -> bytes:
    if not is_folder(path):
        raise InvalidInputError(
            f"`data.source` folder:PATH must be an existing folder of images. Received: {path!r}"
        )
    file = os.path.join(path, TABLE)
    if not tf.io.gfile.exists(file) or is_folder(file):
        raise InvalidInputError(
            f"`data.source` folder:{path} must hold {TABLE} for the task multi_label, with {FORM}. It holds "
            "none. For a folder of images for each class, leave `task` out."
        )
    try:
        with tf.io.gfile.GFile(file, "rb") as content:
            return bytes(content.read())
    except tf.errors.OpError as error:
        raise InvalidInputError(f"`data.source`: {file!r} cannot be read: {error.message}") from error


def _with_files(
    rows: list[TableRow], images: Mapping[str, StoredFile], left: Unused, path: str
) -> tuple[TableRow, ...]:
    """Returns the rows with the names that their files have in the folder.

    A name that is not there means the file with the same name in Unicode's composed form (NFC), since systems
    write accents in several ways.

    Raises:
      ScaleNetError: If a row names no file, or could name two; or two rows name the same one.
    """
    alike: dict[str, list[str]] = {}
    if any(row.file not in images for row in rows):
        for name in images:
            alike.setdefault(unicodedata.normalize("NFC", name), []).append(name)
    found, unknown = [], []
    for row in rows:
        names = [row.file]
        if row.file not in images:
            names = alike.get(unicodedata.normalize("NFC", row.file), [])
        if len(names) > 1:
            raise InvalidInputError(
                f"`data.source`: line {row.line} of {os.path.join(path, TABLE)!r} must name one image. "
                f"Received: {row.file!r}, and the folder holds {len(names)} files whose names only differ in "
                f"how their accents are encoded: {', '.join(map(ascii, names))}. Rename one of them."
            )
        if names:
            found.append(replace(row, file=names[0]))
        else:
            unknown.append(f"{row.file!r} (line {row.line})")
    if unknown:
        raise InvalidInputError(
            f"`data.source`: every file that {os.path.join(path, TABLE)!r} names must be an image below that "
            f"folder ({', '.join(SUFFIXES)}). {len(unknown):,} are not: {first_few(unknown, 3)}. Paths are "
            f"relative to the folder. Mend the rows, or remove them.{left.links_hint()}"
        )
    check_once(found, os.path.join(path, TABLE))
    return tuple(found)


def _files(
    path: str, rows: list[TableRow], images: Mapping[str, StoredFile], labels: tuple[str, ...]
) -> Files:
    numbers = {label: number for number, label in enumerate(labels)}
    present = multi_hot([[numbers[label] for label in row.labels] for row in rows], len(labels))
    return Files.of([images[row.file] for row in rows], present, root=path)
