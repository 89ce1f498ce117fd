"""How the studies score a subnet with a super-supernet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Scoring:
    """The images that a score takes.

    Attributes:
      calibration_images: Images that recalibrate batch norm.
      images: Images that measure the accuracy, the first ones of `split`.
      split: Split that measures the accuracy.
      batch_size: Images per forward pass.
    """

    calibration_images: int
    images: int
    split: Literal["validation", "test"]
    batch_size: int
