"""Why a GIF or a WebP must not be decoded, by its headers alone."""

from __future__ import annotations

from collections.abc import Iterator

GIF = b"GIF8"
RIFF, _WEBP = b"RIFF", b"WEBP"
_IMAGE, _EXTENSION = 0x2C, 0x21
# Decoders keep a byte for each pixel of all frames of a GIF, and three for each pixel of another image.
_FRAMES = 3


def unsafe(content: bytes, most_pixels: int) -> str | None:
    """Says why a GIF or WebP must not be decoded; None if it may, for other images, and for damaged ones.

    Args:
      content: An encoded image.
      most_pixels: Largest number of pixels of an image.

    Returns:
      The reason, such as "20,000 x 20,000 pixels, the limit is 67,108,864".
    """
    if content[:4] == GIF:
        return _unsafe_gif(content, most_pixels)
    if content[:4] == RIFF and content[8:12] == _WEBP:
        if content[12:16] == b"VP8X" and content[20:21] and content[20] & 2:
            # TensorFlow 2.21 writes beyond the end of its memory when it decodes one.
            return "an animated WebP, give a still image"
        return _too_many(*_webp_size(content), most_pixels)
    return None


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height in the first chunk, see RFC 9649; zeros if there are none."""
    kind, head = content[12:16], content[20:30]
    if kind == b"VP8X" and len(head) == 10:
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L" and len(head) >= 5:
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(head) == 10:
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return 0, 0


def _unsafe_gif(content: bytes, most_pixels: int) -> str | None:
    if len(content) > 2 * most_pixels:
        return f"a GIF of {len(content):,} bytes, the limit is {2 * most_pixels:,}"
    width, height = int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    problem = _too_many(width, height, most_pixels)
    pixels = frames = 0
    for width, height in _frames(content):
        pixels, frames = pixels + width * height, frames + 1
        problem = problem or _too_many(width, height, most_pixels)
        if problem is None and pixels > _FRAMES * most_pixels:
            problem = (
                f"{frames:,} or more frames of {pixels:,} pixels, the limit is {_FRAMES * most_pixels:,}"
            )
        if problem is not None:
            break
    return problem


def _frames(content: bytes) -> Iterator[tuple[int, int]]:
    """Width and height of each frame of a GIF, up to the first that is damaged."""
    at = 13 + _colours(content[10:11])
    while at < len(content) and content[at] in (_IMAGE, _EXTENSION):
        if content[at] == _IMAGE:
            size = content[at + 5 : at + 9]
            yield int.from_bytes(size[:2], "little"), int.from_bytes(size[2:], "little")
            at += 11 + _colours(content[at + 9 : at + 10])
        else:
            at += 2
        while at < len(content) and content[at]:  # blocks of data, each after its length
            at += 1 + content[at]
        at += 1


def _colours(flags: bytes) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _too_many(width: int, height: int, most_pixels: int) -> str | None:
    if width * height <= most_pixels:
        return None
    return f"{width:,} x {height:,} pixels, the limit is {most_pixels:,}"
