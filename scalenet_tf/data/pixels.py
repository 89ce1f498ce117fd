"""Pixel values that Python code passes, as uint8 in 0..255."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scalenet_tf.errors import InvalidInputError

PixelRange = Literal["0..255", "0..1"]


@dataclass(frozen=True)
class Pixels:
    """Converts images of one range of values.

    Attributes:
      range: "0..255", or "0..1" for floats that must be multiplied by 255.
    """

    range: PixelRange

    @classmethod
    def of(cls, images: np.ndarray) -> Pixels:
        """Returns the range of a first batch: "0..1" for floats that do not exceed 1."""
        unit = images.dtype.kind == "f" and images.size > 0 and float(images.max()) <= 1
        return cls("0..1" if unit else "0..255")

    @staticmethod
    def shown_by(images: np.ndarray) -> bool:
        """Whether a batch shows its range: none does, and floats that are all 0, which are black in both."""
        return images.size > 0 and (images.dtype.kind != "f" or bool(images.max() > 0))

    def seems_scaled(self, batches: Sequence[np.ndarray]) -> bool:
        """Whether images of the range 0..255 look as if they had been divided by 255.

        Args:
          batches: All images that are passed together.
        """
        if self.range != "0..255" or any(images.dtype.kind != "f" for images in batches):
            return False
        # One batch after another, since comparing copies it.
        dark = all(images.max() <= 1 for images in batches if images.size)
        return dark and any((images != np.floor(images)).any() for images in batches)

    @staticmethod
    def with_channels(images: np.ndarray, argument: str) -> np.ndarray:
        """Returns images [N, H, W, C]; [N, H, W] are grey.

        Raises:
          ScaleNetError: If the shape is another.
        """
        if images.ndim == 3:
            images = images[..., None]
        if images.ndim != 4 or images.shape[-1] not in (1, 3):
            raise InvalidInputError(
                f"`{argument}`: images must have the shape [N, H, W], [N, H, W, 1] or [N, H, W, 3]. "
                f"Received: {list(images.shape)}"
            )
        return images

    def to_uint8(self, images: np.ndarray, argument: str) -> np.ndarray:
        """Returns uint8 [N, H, W, C]; [N, H, W] are grey images.

        Integers are always in 0..255.

        Raises:
          ScaleNetError: If the shape or a value is wrong.
        """
        images = self.with_channels(images, argument)
        if images.dtype == np.uint8 or not images.size:
            return images.astype(np.uint8)
        if images.dtype.kind not in "iuf":
            raise InvalidInputError(f"`{argument}`: images must be numbers. Received: {images.dtype}")
        largest = 1 if self.range == "0..1" and images.dtype.kind == "f" else 255
        low, high = float(images.min()), float(images.max())
        if not (low >= 0 and high <= largest):
            raise InvalidInputError(
                f"`{argument}`: pixels must be in 0..{largest}"
                + (", as in the images before them" if largest == 1 else "")
                + f". Received: {low:g} to {high:g}. Pass pixels as an image file has them: the networks "
                "scale them."
                + (" If the first image is nearly black in 0..255, pass uint8." if largest == 1 else "")
            )
        return np.rint(images.astype(np.float64) * (255 / largest)).astype(np.uint8)
