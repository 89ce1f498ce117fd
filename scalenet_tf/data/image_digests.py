"""Digests of a data set: of its content, which identifies it, and of its files, which tell of changes."""

from __future__ import annotations

import hashlib

import numpy as np

from scalenet_tf.data.encoded import Encoded, as_bytes
from scalenet_tf.data.examples import Examples
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.data.splits import Splits
from scalenet_tf.data.streaming import StreamedExamples


def content_digests(trained_on: list[Examples], test: Encoded, test_rows: np.ndarray) -> tuple[str, str]:
    """Returns the digest of all images, and the one of the training and validation images alone."""
    digest = hashlib.sha256()
    for examples in trained_on:
        for content in examples.fingerprint():
            digest.update(content)
    training = digest.copy()
    if any(isinstance(examples, StreamedExamples) for examples in trained_on):
        # The names of all files of a source include those of its test images.
        training = hashlib.sha256()
        for examples in trained_on:
            for content in examples.fingerprint(own=True):
                training.update(content)
    # Without pixels, since the test split is read only when it is requested.
    for line in test.fingerprint():
        digest.update(as_bytes(line))
    digest.update(test_rows.astype("<i8").tobytes())
    return digest.hexdigest(), training.hexdigest()


def files_digest(splits: Splits, image_format: ImageFormat) -> str:
    """Returns the digest of the names, sizes and times of all files, the splits and the images' format."""
    digest = hashlib.sha256(image_format.key.encode())
    seen: list[Encoded] = []
    for part in splits.parts.values():
        if not any(part.encoded is encoded for encoded in seen):
            for line in part.encoded.stamps():
                digest.update(as_bytes(line) + b"\0")
            seen.append(part.encoded)
        digest.update(part.rows.astype("<i8").tobytes())
    return digest.hexdigest()
