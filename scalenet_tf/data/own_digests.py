"""Digests of the images that Python code passes, by which a run knows them again in any order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from scalenet_tf.data.records import label_of


def plain_digest(image: np.ndarray, label: np.ndarray) -> bytes:
    """Returns the digest of an image that is not encoded, and of its label."""
    facts = repr((image.shape, label_of(label))).encode()
    return hashlib.sha256(facts + np.ascontiguousarray(image).tobytes()).digest()


def joint_digest(digests: Mapping[str, list[bytes]], labels: tuple[str, ...]) -> str:
    """Returns the digest of the images of each split in any order, and of the class names.

    A dataset may be shuffled anew each time it is read.
    """
    digest = hashlib.sha256(repr(labels).encode())
    for split, records in sorted(digests.items()):
        digest.update(split.encode())
        for record in sorted(records):
            digest.update(record)
    return digest.hexdigest()
