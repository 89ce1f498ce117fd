"""Pixel values that Python code passes, as uint8 in 0..255."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scalenet_tf.data.given_arrays import in_batches
from scalenet_tf.errors import InvalidInputError

PixelRange = Literal["0..255", "0..1"]


@dataclass
class SeenPixels:
    """Tells from the values of images that come in batches whether these were divided by 255.

    Attributes:
      dark: Whether all images are floats that do not exceed 1.
      fractions: Whether some values of dark images are no integers.
    """

    dark: bool = True
    fractions: bool = False

    def see(self, images: np.ndarray) -> None:
        """Looks at a batch."""
        if self.dark and images.size:
            self.dark = images.dtype.kind == "f" and float(images.max()) <= 1
            # Comparing copies the batch, so one fraction is enough.
            self.fractions = self.fractions or (self.dark and bool((images != np.floor(images)).any()))

    @property
    def scaled(self) -> bool:
        """Whether the images look as if they had been divided by 255."""
        return self.dark and self.fractions


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
        seen = SeenPixels()
        for images in batches:
            seen.see(images)
        return self.range == "0..255" and seen.scaled

    def check_scale(self, seen: SeenPixels, argument: str, hint: str = "") -> None:
        """Raises ScaleNetError if images of the range 0..255 look as if they had been divided by 255.

        Args:
          seen: Values of all images of the argument.
          argument: Name of the argument.
          hint: Another remedy, for the error.
        """
        if self.range == "0..255" and seen.scaled:
            raise InvalidInputError(
                f"`{argument}`: pixels must be in 0..255, as those of the training images. Received: floats "
                f"of 0 to 1, which would be black. Multiply them by 255{hint}."
            )

    def unscaled(
        self, pairs: Iterable[tuple[np.ndarray, np.ndarray]], argument: str
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields batches of images and labels; at their end, raises ScaleNetError as `check_scale` does."""
        seen = SeenPixels()
        for images, labels in pairs:
            seen.see(images)
            yield images, labels
        self.check_scale(seen, argument)

    @classmethod
    def batches(cls, images: np.ndarray | list[np.ndarray], argument: str) -> list[np.ndarray]:
        """Returns images [N, …] in batches, with channels; those of several sizes one by one."""
        return in_batches(cls.with_channels(images, argument) if isinstance(images, np.ndarray) else images)

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
