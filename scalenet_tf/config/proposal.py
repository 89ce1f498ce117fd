"""The configuration that fits images of some size."""

from __future__ import annotations

# Largest side in pixels, for grey images and for images with colour; larger ones are photos.
_SMALL_GREY, _SMALL_COLOUR = 40, 72


def proposed_config(side: int, channels: int) -> str:
    """Returns the name of the shipped configuration whose space fits images.

    Args:
      side: Typical side of the images in pixels.
      channels: 1 for grey images, 3 for colour.

    Example:
      >>> proposed_config(32, 3)
      'colour32'
    """
    if channels == 1 and side <= _SMALL_GREY:
        return "quickstart"
    return "colour32" if side <= _SMALL_COLOUR else "photos"
