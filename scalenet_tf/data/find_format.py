"""Chooses the format of a set of images: what the configuration asks for, and what its first image has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from scalenet_tf.config import DataConfig
from scalenet_tf.data.decode import OtherFormatError, SourceUnreadableError, look_at, without_unreadable
from scalenet_tf.data.decoder import Decoder
from scalenet_tf.data.encoded import Encoded
from scalenet_tf.data.image_format import ImageFormat
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.data_info import DataInfo

_Result = TypeVar("_Result")


def decoder_of(config: DataConfig) -> Decoder:
    """Returns the decoder that the section `data` of a configuration asks for."""
    named = {"white": "#ffffff", "black": "#000000"}
    red, green, blue = bytes.fromhex(named.get(config.background, config.background).removeprefix("#"))
    return Decoder((red, green, blue), plain=config.reading == "plain")


@dataclass(frozen=True)
class WantedFormat:
    """The requirements on the format of a set.

    Attributes:
      config: Section `data` of the configuration.
      declared: Channels that the source declares for all its images. Default: none.
      side: Side to which images are resized if none is configured, and their sizes differ or are more than
        twice as large. Default: sizes must not differ.
    """

    config: DataConfig
    declared: int | None = None
    side: int | None = None

    @property
    def channels(self) -> int | None:
        """Channels that are known before any image has been read."""
        return self.declared if self.config.channels == "auto" else self.config.channels

    def known(self, info: DataInfo) -> ImageFormat:
        """Returns the format of a set whose images a run has begun with."""
        stored, side = info.stored, info.image_size
        same = stored is not None and stored.smallest == stored.largest == side
        return self._of(side, info.channels, resized=not same, converted=True)

    def begin(self, encoded: Encoded, rows: np.ndarray) -> ImageFormat:
        """Determines the format from the first image that can be decoded; `OtherFormatError` may change it.

        Args:
          encoded: The encoded images.
          rows: Rows to look at.

        Raises:
          ScaleNetError: If no image can be decoded, or it is not square and there is no size to resize it to.
        """
        try:
            first = next(look_at(encoded, encoded.readable(rows), decoder_of(self.config)), None)
        except SourceUnreadableError:
            left = without_unreadable(encoded, rows)
            if not 0 < len(left) < len(rows):
                raise
            return self.begin(encoded, left)
        if first is None:
            raise InvalidInputError(
                f"`data.source`: none of its {len(rows)} images can be decoded; the first is "
                f"{encoded.name(int(rows[0]))}. Give JPEG or PNG images."
            )
        row, height, width, stored = first
        side = self.config.image_size or (self.side if self._resizes(height, width) else None)
        if side is None and height != width:
            raise InvalidInputError(
                f"`data.image_size` is needed where images are not square. {encoded.name(row)} has "
                f"{height} x {width} pixels. Set data.image_size={min(height, width)}: every image is then "
                f"resized to that square (data.fit={self.config.fit})."
            )
        # Grey until an image in colour is found.
        channels = self.channels or (3 if stored >= 3 else 1)
        certain = self.channels is not None or (channels == 3 and self.config.reading == "photos")
        return self._of(side or height, channels, resized=side is not None, converted=certain)

    def _resizes(self, height: int, width: int) -> bool:
        """Whether images are resized that are all like the first one: no square, or far too large."""
        return height != width or (self.side is not None and height > 2 * self.side)

    def _of(self, size: int, channels: int, *, resized: bool, converted: bool) -> ImageFormat:
        return ImageFormat(
            size, channels, decoder_of(self.config), self.config.fit, resized=resized, converted=converted
        )

    def instead(self, image_format: ImageFormat, *, colour: bool) -> ImageFormat | None:
        """Returns the format that takes an image which does not fit; None if there is none.

        Args:
          image_format: The format that the image does not fit.
          colour: Whether it does not fit since it has colour, rather than by its size.
        """
        if colour:
            plain = self.config.reading == "plain"
            return None if plain else replace(image_format, channels=3, converted=True)
        return None if self.side is None else replace(image_format, size=self.side, resized=True)


def with_fitting_format(
    wanted: WantedFormat, image_format: ImageFormat, act: Callable[[ImageFormat], _Result]
) -> _Result:
    """Calls `act` with a format, and again with another one if an image does not fit it.

    Raises:
      ScaleNetError: If an image does not fit, and no other format may be chosen.
    """
    while True:
        try:
            return act(image_format)
        except OtherFormatError as error:
            other = wanted.instead(image_format, colour=error.colour)
            if other is None:
                raise error.refusal from error
            image_format = other
