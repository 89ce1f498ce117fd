"""Arrays and lists that Python code passes: images of one size or of several, and labels that are names."""

from __future__ import annotations

from typing import Any

import numpy as np

from scalenet_tf.errors import InvalidInputError

_BATCH = 256


def image_arrays(images: Any, argument: str) -> np.ndarray | list[np.ndarray]:
    """Returns images as one array, or as a list of arrays [H, W] or [H, W, C] if their sizes differ.

    Args:
      images: An array, or a list of images that NumPy takes.
      argument: Name of the argument, for errors.

    Raises:
      ScaleNetError: If NumPy makes no images of them.
    """
    try:
        whole = np.asarray(images)
    except ValueError:  # arrays of several shapes
        whole = None
    if whole is not None and not (whole.ndim == 1 and whole.dtype.kind == "O" and len(whole)):
        return whole
    found = [np.asarray(image) if hasattr(image, "__array__") else _of_list(image) for image in images]
    wrong = next((image for image in found if image.ndim not in (2, 3) or image.dtype.kind == "O"), None)
    if wrong is not None:
        raise InvalidInputError(
            f"`{argument}`: each image of a list must be an array [H, W] or [H, W, channels] of numbers. "
            f"Received: one of the type {wrong.dtype} and the shape {list(wrong.shape)}"
        )
    return found


def _of_list(image: Any) -> np.ndarray:
    try:
        return np.asarray(image)
    except ValueError:
        return np.empty(0, object)  # which is no image


def in_batches(images: np.ndarray | list[np.ndarray]) -> list[np.ndarray]:
    """Returns images [N, …] in batches, which are views; those of several sizes one by one."""
    if isinstance(images, list):
        return [image[None] for image in images]
    return [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]


def label_array(labels: Any, argument: str) -> np.ndarray:
    """Returns labels as an array.

    Raises:
      ScaleNetError: If their rows differ in length.
    """
    try:
        return np.asarray(labels)
    except ValueError as error:
        raise InvalidInputError(
            f"`{argument}`: labels must be one array, of classes [N], or one-hot or multi-hot [N, classes]. "
            "Received: a list whose rows differ in length. Several labels of an image are multi-hot, for "
            'task="multi_label".'
        ) from error


def label_texts(labels: np.ndarray, argument: str) -> np.ndarray | None:
    """Returns labels that are names as texts, and None for numbers.

    Raises:
      ScaleNetError: If some are names and others are not, or a name is not UTF-8.
    """
    if labels.dtype.kind == "U" or (labels.dtype.kind == "S" and not labels.size):
        return labels.astype(str)
    if labels.dtype.kind not in "SO":
        return None
    # Columns of pandas and batches of tf.data hold objects.
    found = labels.reshape(-1).tolist()
    others = [label for label in found if not isinstance(label, str | bytes)]
    if 0 < len(others) < len(found):
        raise InvalidInputError(
            f"`{argument}`: labels must all be names, or all be numbers. Received: {others[0]!r} among names."
        )
    if others or not found:
        return None
    texts = [_text(label, argument) for label in found]
    return np.array(texts, str).reshape(labels.shape)


def _text(label: str | bytes, argument: str) -> str:
    try:
        return label if isinstance(label, str) else label.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"`{argument}`: labels that are names must be UTF-8. Received: {label!r}"
        ) from error
