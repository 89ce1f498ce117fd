"""Sample predictions of a member, with the names of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scalenet_tf.report.classes import name_of
from scalenet_tf.run.samples import Sample


@dataclass(frozen=True)
class Picture:
    """A test image with its prediction.

    Attributes:
      jpeg: JPEG file in base64.
      truth: Names of its classes.
      predicted: Name and probability of each predicted class, the most probable one first.
      alternative: All of this in a sentence, for those who do not see the image.
    """

    jpeg: str
    truth: str
    predicted: tuple[tuple[str, float], ...]
    alternative: str


def pictures(samples: Sequence[Sample], names: Sequence[str]) -> list[Picture]:
    """Returns samples with the names of the classes.

    Args:
      samples: Samples of a member.
      names: Names of the classes.
    """
    return [_picture(sample, names) for sample in samples]


def _picture(sample: Sample, names: Sequence[str]) -> Picture:
    truth = ", ".join(name_of(names, number) for number in sample.classes) or "no class"
    predicted = tuple((name_of(names, answer.class_id), answer.probability) for answer in sample.answers)
    answers = ", ".join(f"{name} {share:.0%}" for name, share in predicted) or "no class"
    return Picture(
        jpeg=sample.jpeg,
        truth=truth,
        predicted=predicted,
        alternative=f"Test image {sample.position}: {truth}, predicted: {answers}",
    )
