"""Labels that came with names: the numbers of the same classes in another order of names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from scalenet_tf.data.given import GivenSplit
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.class_name import stored_names
from scalenet_tf.utils.shown import first_few


def names_to_match(train: GivenSplit, class_names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Returns the names by which the labels of all splits are matched.

    They are `class_names`, if the training images' own names are among them. If not, `class_names` are other
    words for the classes of a dataset, in its order; labels that are names have no order that a user sees.

    Args:
      train: The training images.
      class_names: Names of the classes that the user gives.

    Raises:
      ScaleNetError: If `class_names` has some of the names of a dataset and not all of them.
    """
    own = train.class_names
    if class_names is None:
        return own
    given = stored_names(class_names)
    if own is None or train.by_name or set(own) <= set(given):
        return given
    if set(own) & set(given):
        raise InvalidInputError(
            f"`class_names` must have every name of `{train.argument}`, or other words for all of them in "
            f"its order. Received: {first_few(given)}, without "
            f"{first_few([name for name in own if name not in given])}. `{train.argument}` has the classes "
            f"{first_few(own)}."
        )
    return own


def matched(split: GivenSplit, names: Sequence[str] | None, owner: str) -> GivenSplit:
    """Returns the split with the numbers of its classes among other names.

    Labels that came without names are returned as they are, and so are the numbers of a dataset whose classes
    have other names throughout, such as those of another language.

    Args:
      split: Images with labels.
      names: Names of all classes, in the order of their numbers. None: the classes have numbers alone.
      owner: Owner of the names, for errors.

    Raises:
      ScaleNetError: If a class of the split is not among the names.
    """
    own = split.class_names
    names = None if names is None else stored_names(names)
    if own is None or own == names:
        return split
    other_words = names is None or (len(own) == len(names) and not set(own) & set(names))
    if other_words and not split.by_name:
        return split
    if names is None:
        raise InvalidInputError(
            f"`{split.argument}` has classes with names ({first_few(own)}), and {owner} has numbers alone. "
            "Pass `class_names`, or numbers everywhere."
        )
    position = {name: number for number, name in enumerate(names)}
    unknown = [name for name in own if name not in position]
    if unknown:
        raise InvalidInputError(
            f"`{split.argument}` has the classes {first_few(unknown)}, which {owner} does not have. "
            f"Received: {first_few(own)}; expected names among {first_few(names)}."
        )
    numbers = np.array([position[name] for name in own])
    batches = _renumbered(split, numbers, len(names))
    return replace(split, batches=batches, class_names=names)


def _renumbered(
    split: GivenSplit, numbers: np.ndarray, classes: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for images, labels in split.batches:
        yield images, _in_order(labels, numbers, classes, split.argument)


def _in_order(labels: np.ndarray, numbers: np.ndarray, classes: int, argument: str) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == len(numbers) > 1:  # One-hot or multi-hot.
        wide = np.zeros((len(labels), classes), labels.dtype)
        wide[:, numbers] = labels
        return wide
    ids = labels.astype(np.int64)
    if (ids != labels).any() or (ids < 0).any() or (ids >= len(numbers)).any():
        raise InvalidInputError(
            f"`{argument}`: labels must be numbers of its {len(numbers)} classes, 0 to {len(numbers) - 1}, "
            f"or one-hot. Received: {labels.dtype} {list(labels.shape)}, such as {labels[:1].tolist()}."
        )
    return np.asarray(numbers[ids])
