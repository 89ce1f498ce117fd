"""Stores images that Python code passes in the run, so that it can be resumed without them."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.data.disk_room import within_disk
from scalenet_tf.data.given import GivenImages, GivenSplit, given_labels, given_split
from scalenet_tf.data.label_names import matched, names_to_match
from scalenet_tf.data.own_digests import joint_digest, plain_digest
from scalenet_tf.data.pixels import Pixels, SeenPixels
from scalenet_tf.data.records import EncodedImage, label_of
from scalenet_tf.data.sorted_records import write_sorted
from scalenet_tf.data.sources.class_names import unique_names
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import IMAGES_INFO, RunFolder
from scalenet_tf.run.own_images import OwnImages, read_own_images
from scalenet_tf.utils import files
from scalenet_tf.utils.class_name import stored_names
from scalenet_tf.utils.progress import tracked
from scalenet_tf.utils.shown import first_few
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)

# Several files, so that several workers can read one each.
_SHARDS = 8
_MOST_CLASSES = 100_000


def store_images(
    run: RunFolder,
    given: Mapping[str, tuple[str, GivenImages]],
    class_names: Sequence[str] | None,
    task: Task = Task.single_label,
    *,
    replace: bool,
) -> OwnImages:
    """Stores images in a run, or compares them with those that it stores.

    Args:
      run: The run, which need not exist yet.
      given: For each of "train", "validation" and "test" that is passed: the name of its argument, and the
        images.
      class_names: Names of the classes. Default: those of the training images, otherwise "0", "1", …
      task: Task of the images.
      replace: Whether the run may store other images than before.

    Returns:
      What the run stores.

    Raises:
      ScaleNetError: If the images cannot be used, or differ from those of the run and `replace` is not set.
    """
    stored = read_own_images(run)
    if stored is None and run.own_images.is_dir() and any(run.own_images.iterdir()):
        raise InvalidInputError(
            f"{str(run.own_images)!r} holds other files, and a run stores its images there. Give another "
            "`run`."
        )
    if stored is not None and _are_stored(stored, *_prepared(given, class_names), task):
        return stored
    splits, names = _prepared(given, class_names)
    written: list[OwnImages] = []
    incoming = run.own_images.with_name(f"{run.own_images.name}.new")
    files.write_folder(incoming, lambda folder: written.append(_write(folder, splits, names, task)))
    [found] = written
    if stored is not None and stored.model_copy(update={"plain_digest": found.plain_digest}) == found:
        shutil.rmtree(incoming)
        return stored
    if stored is not None and not replace:
        shutil.rmtree(incoming)
        raise InvalidInputError(
            f"the run {str(run.path)!r} began with other images than `data`: {_difference(stored, found)}. "
            "Continue it without `data`, with the images that it stores, or give another `run`. Images that "
            "are augmented at random differ each time: pass them as they are, and set data.augmentation."
        )
    shutil.rmtree(run.own_images, ignore_errors=True)
    incoming.rename(run.own_images)
    logger.info("stored %s in %s", _counted(found), run.own_images)
    return found


def _prepared(
    given: Mapping[str, tuple[str, GivenImages]], class_names: Sequence[str] | None
) -> tuple[dict[str, GivenSplit], tuple[str, ...] | None]:
    """Returns the given splits, to be read once, with labels that match, and the names of the classes."""
    splits = {name: given_split(images, argument) for name, (argument, images) in given.items()}
    train = splits["train"]
    to_match = names_to_match(train, class_names)
    owner = "`data`" if to_match == train.class_names else "`class_names`"
    names = stored_names(class_names) if class_names is not None else to_match
    numbered = [split.argument for split in splits.values() if split.class_names is None]
    if numbered and train.by_name and class_names is None:
        raise InvalidInputError(
            f"`{numbered[0]}` has numbers for labels, and `{train.argument}` has names "
            f"({first_few(names or ())}), which have no order of their own. Pass `class_names`, whose places "
            "the numbers then are, or names everywhere."
        )
    # Labels that are names have no numbers of their own, so they can only mean the names that the user gives.
    matching = {
        name: matched(split, names if split.by_name else to_match, owner) for name, split in splits.items()
    }
    return matching, names


def _are_stored(
    stored: OwnImages, splits: Mapping[str, GivenSplit], names: tuple[str, ...] | None, task: Task
) -> bool:
    """Whether images are those that a run stores, by a digest that needs no encoding."""
    form, digests, classes = _Form(names, task), dict[str, list[bytes]](), 0
    if stored.plain_digest is None or splits.keys() != stored.counts.keys():
        return False
    for split, found in splits.items():
        digests[split] = []
        for image, label in _images(found, form, "comparing"):
            digests[split].append(plain_digest(image, label))
            classes = max(classes, label.size if label.ndim else int(label) + 1)
            if len(digests[split]) > stored.counts[split]:
                return False  # A dataset may have no end.
    if form.pixels is None or {split: len(found) for split, found in digests.items()} != stored.counts:
        return False
    labels = _labels(form, classes)
    plain = (labels, form.pixels.range, joint_digest(digests, labels))
    return plain == (stored.labels, stored.pixels, stored.plain_digest)


def _difference(stored: OwnImages, found: OwnImages) -> str:
    if stored.labels != found.labels:
        return f"the class names were {first_few(stored.labels)}, and are {first_few(found.labels)}"
    if stored.counts != found.counts:
        return f"it stores {_counted(stored)}, and `data` has {_counted(found)}"
    return "their pixels or labels differ"


@dataclass
class _Form:
    """The form that the first batches of all images decide.

    Attributes:
      names: Names of the classes, if there are any.
      task: Task of the images.
      pixels: Range of the pixels; None before the first batch.
      certain: Whether a batch has shown that range.
      width: Width of multi-hot labels.
    """

    names: tuple[str, ...] | None
    task: Task
    pixels: Pixels | None = None
    certain: bool = False
    width: int | None = None


def _write(
    folder: Path, splits: Mapping[str, GivenSplit], names: tuple[str, ...] | None, task: Task
) -> OwnImages:
    form = _Form(names, task)
    written, digests, plain = {}, dict[str, list[bytes]](), dict[str, list[bytes]]()
    for split, found in splits.items():
        digests[split], plain[split] = [], []
        images = _images(replace(found, batches=within_disk(found, folder)), form, "storing")
        encoded = _encoded(images, plain[split])
        written[split] = write_sorted(folder / f"Split-{split}", encoded, _SHARDS, digests[split])
    empty = next((split for split, stored in written.items() if not stored.count), "train")
    if not written[empty].count or form.pixels is None:
        hint = "" if empty == "train" else " Leave it out to take a part of `data`."
        raise InvalidInputError(f"`{splits[empty].argument}` must hold images. Received none.{hint}")
    classes = form.width or 1 + max(max(stored.labels) for stored in written.values() if stored.count)
    labels = _labels(form, classes)
    files.write_text(folder / "labels.txt", "".join(f"{label}\n" for label in labels))
    info = OwnImages(
        labels=labels,
        counts={split: stored.count for split, stored in written.items()},
        digest=joint_digest(digests, labels),
        pixels=form.pixels.range,
        plain_digest=joint_digest(plain, labels),
    )
    write_value(folder / IMAGES_INFO, info)
    return info


def _labels(form: _Form, classes: int) -> tuple[str, ...]:
    """Returns the names of the classes."""
    labels = form.names or tuple(map(str, range(classes)))
    labels = unique_names(labels, [f"class {number}" for number in range(len(labels))], "`class_names`")
    if classes > len(labels) or form.width not in (None, len(labels)):
        raise InvalidInputError(
            f"`class_names` must name every class. Received {len(labels)} names, and "
            + (f"a label {classes - 1}." if form.width is None else f"labels of {form.width} classes.")
        )
    return labels


def _encoded(images: Iterator[tuple[np.ndarray, np.ndarray]], plain: list[bytes]) -> Iterator[EncodedImage]:
    """Encodes images, and appends the digest of each one to `plain`."""
    for image, label in images:
        plain.append(plain_digest(image, label))
        yield EncodedImage(tf.io.encode_png(image).numpy(), label_of(label))


def _images(split: GivenSplit, form: _Form, doing: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields the images of a split as uint8, with labels; the first batches of all decide the form."""
    seen = SeenPixels()
    for images, labels in tracked(split.batches, f"{doing} `{split.argument}`", split.count):
        if form.pixels is None or not form.certain:
            form.pixels, form.certain = Pixels.of(images), Pixels.shown_by(images)
        seen.see(images)
        batch = form.pixels.to_uint8(images, split.argument)
        found = given_labels(labels, form.task, split.argument, form.width)
        if found.ndim == 2:
            form.width = found.shape[1]
        for image, label in zip(batch, found, strict=True):
            if found.ndim == 1:
                _check_named(int(label), split.argument, form.names)
            yield image, label
    if form.pixels is not None:
        form.pixels.check_scale(seen, split.argument, ", or divide `data` by it too")


def _check_named(label: int, argument: str, names: tuple[str, ...] | None) -> None:
    if label >= (len(names) if names else _MOST_CLASSES):
        raise InvalidInputError(
            f"`{argument}` has the label {label}, which "
            + (f"has no name: `class_names` names {len(names)} classes." if names else "is no class.")
        )


def _counted(info: OwnImages) -> str:
    counts = ", ".join(f"{count:,} {split}" for split, count in info.counts.items())
    return f"{counts} images of {len(info.labels)} classes"
