"""How the studies train a network from scratch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

# The training of a super-supernet as in the paper's code, by keys of the section `supernet`. Finished studies
# were made with it, whatever the defaults are today.
PAPER_TRAINING: dict[str, Any] = {"sharing": "op", "draw": "free", "stage_weights": "widths"}


@dataclass(frozen=True)
class Training:
    """Length and schedule of a training from scratch, and the images that measure its accuracy.

    Attributes:
      images: Number of training images in all, repetitions included.
      batch_size: Images per step.
      learning_rate: Peak of the cosine schedule.
      warmup: Fraction of the steps, 0 to 1, over which the learning rate rises.
      test_images: Number of images that measure the accuracy, the first ones of `split`.
      evaluation_batch_size: Images per evaluation step.
      split: Split that measures the accuracy.
      weight_decay: Weight decay of kernels.
    """

    images: int
    batch_size: int
    learning_rate: float
    warmup: float
    test_images: int
    evaluation_batch_size: int = 500
    split: Literal["validation", "test"] = "test"
    weight_decay: float = 1e-4
