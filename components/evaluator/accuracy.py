"""How well a SavedModel answers, asked as a server asks it."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from scalenet_tf.data import DataSet
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.evaluation import Accuracy

_BATCH = 64


def measure(argument: str, saved_model: str, data: DataSet) -> Accuracy:
    """Compares the likeliest label with the true one by name, so that the order of classes plays no part.

    Raises:
      ScaleNetError: where `argument` is no SavedModel of ours, or takes images of other channels.
    """
    serve = tf.saved_model.load(saved_model).signatures.get("serving_default")
    outputs = serve.structured_outputs if serve is not None else {}
    channels = data.info.channels
    if "labels" not in outputs or serve.structured_input_signature[1]["images"].shape[-1] != channels:
        raise ScaleNetError(
            f"`{argument}` must be a SavedModel that scalenet export wrote, for images of {channels} "
            f"channels. Received: {saved_model!r}"
        )
    names = np.array([label.encode() for label in data.info.labels])
    seen, right = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    size = data.info.image_size
    # At the stored size nothing is resized: the values are the stored uint8.
    for images, labels in data.evaluation_batches("test", resolution=size, batch_size=_BATCH):
        answers = serve(images=tf.cast(images, tf.uint8))["labels"][:, 0].numpy()
        truth = labels.numpy()
        np.add.at(seen, truth, 1)
        np.add.at(right, truth, answers == names[truth])
    shares = {
        label: float(hits / total) if total else None
        for label, hits, total in zip(data.info.labels, right, seen, strict=True)
    }
    images = int(seen.sum())
    return Accuracy(images=images, accuracy=float(right.sum() / images), of_class=shares)
