"""Chooses test images to show with a member's predictions, and makes small pictures of them."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from scalenet_tf.config.task import PRESENT, Task
from scalenet_tf.data import DataSet
from scalenet_tf.models.accuracy import correct
from scalenet_tf.run.samples import Answer, Sample, Samples
from scalenet_tf.utils.random_streams import RandomStream

SHOWN = 12
_SIDE, _QUALITY = 96, 88
_TOP = 3


def choose_samples(
    data: DataSet, labels: np.ndarray, probabilities: np.ndarray, task: Task, seed: int
) -> Samples:
    """Chooses test images that are classified correctly, and the most confident mistakes.

    Args:
      data: The data set.
      labels: Labels of its test split as `evaluation_batches` orders them, int [N] or multi-hot [N, classes].
      probabilities: Probabilities that the member gives them, [N, classes].
      task: Task of the member. For multi_label a prediction is right if exactly the true classes have at
        least 0.5, and the confidence of a mistake is how far its worst class is from the truth.
      seed: Seed of the draw.
    """
    if task is Task.multi_label:
        errors = np.abs(probabilities - labels).max(axis=1)
        is_right = ((probabilities >= PRESENT) == (labels > 0)).all(axis=1)
    else:
        errors = probabilities.max(axis=1)
        is_right = correct(labels, probabilities)
    rng = np.random.default_rng([seed, RandomStream.SAMPLES])
    right = rng.permutation(np.flatnonzero(is_right))[:SHOWN]
    mistakes = np.flatnonzero(~is_right)
    wrong = mistakes[np.argsort(-errors[mistakes], kind="stable")][:SHOWN]
    # One pass over the images, which may be read from disk, in the order in which they were measured.
    positions = np.sort(np.concatenate([right, wrong]))
    images = data.test.take(data.test.order()[positions])
    pictures = dict(zip(positions.tolist(), images, strict=True))

    def sample(position: int) -> Sample:
        return Sample(
            position=position,
            classes=_classes(labels[position]),
            answers=_answers(probabilities[position], task),
            jpeg=_jpeg(pictures[position]),
        )

    return Samples(
        right=tuple(map(sample, right.tolist())),
        wrong=tuple(map(sample, wrong.tolist())),
        mistakes=len(mistakes),
        images=len(labels),
    )


def _classes(label: np.ndarray) -> tuple[int, ...]:
    return (int(label),) if label.ndim == 0 else tuple(np.flatnonzero(label).tolist())


def _answers(probabilities: np.ndarray, task: Task) -> tuple[Answer, ...]:
    order = np.argsort(-probabilities, kind="stable")
    chosen = order[probabilities[order] >= PRESENT] if task is Task.multi_label else order[:_TOP]
    return tuple(Answer(class_id=int(k), probability=min(1.0, float(probabilities[k]))) for k in chosen)


def _jpeg(image: np.ndarray) -> str:
    """Returns an image uint8 [H, W, 1 or 3] as a small JPEG file in base64."""
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
