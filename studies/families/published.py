"""Published architectures of `keras.applications` at the multiply-adds of the members, by their width."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """An architecture at the multiply-adds of a scaling stage.

    Attributes:
      architecture: Its name in `keras.applications`.
      stage: The scaling stage.
      alpha: Width multiplier.
    """

    architecture: str
    stage: int
    alpha: float

    def item(self, seed: int) -> str:
        """Name of the item of its training."""
        return f"published/{self.architecture}-s{self.stage}-{seed}"


# The multiple of 0.05 that comes nearest to the budget of each stage with 32 px. MobileNetV2 has none within
# the tolerance for S0 and S2, and at S1 only a trunk of 8 channels. EfficientNet-B0 has 8.3 million
# multiply-adds at 32 px, more than any member.
PUBLISHED = (
    Published("MobileNetV2", 3, 0.4),
    Published("MobileNetV3Small", 0, 0.05),
    Published("MobileNetV3Small", 1, 0.25),
    Published("MobileNetV3Small", 2, 0.5),
    Published("MobileNetV3Small", 3, 0.8),
)
