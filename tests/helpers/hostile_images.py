"""Image files that are damaged, lie about themselves, or are odd, by name."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

SIDE = 28
_TURNED = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"


def _saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(
    width: int, height: int, *, depth: int = 8, colour: int = 2, rows: int = 10, more: bytes = b""
) -> bytes:
    """A PNG of any size, as its header says, with a few kilobytes of pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = _chunk(b"IDAT", zlib.compress(bytes(1000 * rows)))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + more + pixels + _chunk(b"IEND", b"")


def _riff(kind: bytes, head: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(head)) + head
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _jpeg_of(image: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header has another size."""
    at = image.index(b"\xff\xc0") + 5
    return image[:at] + struct.pack(">HH", height, width) + image[at + 4 :]


def hostile_images(rng: random.Random) -> dict[str, bytes]:
    """Makes the images; which bytes are cut or flipped comes from `rng`."""
    noise = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    colour, alpha = Image.fromarray(noise[..., :3].copy()), Image.fromarray(noise)
    grey = colour.convert("L")
    whole = {
        "png": _saved(grey, "PNG"),
        "jpeg": _saved(grey, "JPEG"),
        "gif": _saved(grey, "GIF"),
        "bmp": _saved(grey, "BMP"),
        "webp": _saved(colour, "WEBP"),
        "webp lossless": _saved(colour, "WEBP", lossless=True),
    }
    found = {f"{name} as it is": content for name, content in whole.items()}
    for name, content in whole.items():
        for number in range(3):
            found[f"{name} cut {number}"] = content[: rng.randrange(len(content))]
            flipped = bytearray(content)
            for _ in range(1 + number * 4):
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            found[f"{name} flipped {number}"] = bytes(flipped)
        found[f"{name} and more"] = content + rng.randbytes(1000)
    frames: dict[str, Any] = {"save_all": True, "append_images": [colour.rotate(90)], "duration": 10}
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10**7)))
    return found | {
        "colour": _saved(colour, "PNG"),
        "alpha": _saved(alpha, "PNG"),
        "grey alpha": _saved(alpha.convert("LA"), "PNG"),
        "palette": _saved(colour.convert("P"), "PNG"),
        "one bit": _saved(grey.convert("1"), "PNG"),
        "16 bits": _saved(Image.fromarray(noise[..., 0].astype(np.uint16) * 257), "PNG"),
        "cmyk": _saved(colour.convert("CMYK"), "JPEG"),
        "progressive": _saved(colour, "JPEG", progressive=True),
        "turned": _saved(colour, "JPEG", exif=_TURNED),
        "animated gif": _saved(colour.convert("P"), "GIF", **frames),
        "animated webp": _saved(colour, "WEBP", **frames),
        "animated png": _saved(colour, "PNG", **frames),
        "tiff": _saved(grey, "TIFF"),
        "icon": _saved(grey, "ICO"),
        "one pixel": _saved(grey.resize((1, 1)), "PNG"),
        "line": _saved(grey.resize((4000, 1)), "PNG"),
        "empty": b"",
        "text": b"no image",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "zeros": bytes(10_000),
        "heic": b"\0\0\0\x18ftypheic" + bytes(100),
        "png bomb": png(20_000, 20_000),
        "png bomb of bits": png(60_000, 60_000, depth=1, colour=0),
        "png of 2^31": png(2**31 - 1, 2**31 - 1),
        "png below 0": png(2**31 + 5, 1),
        "png 0 x 0": png(0, 0),
        "png 0 x 5": png(0, 5),
        "png of few rows": png(SIDE, SIDE, rows=0),
        "png text bomb": png(SIDE, SIDE, more=text * 3),
        "png magic": b"\x89PNG\r\n\x1a\n",
        "jpeg magic": b"\xff\xd8\xff",
        "jpeg bomb": _jpeg_of(whole["jpeg"], 65_000, 65_000),
        "jpeg 0 x 0": _jpeg_of(whole["jpeg"], 0, 0),
        "gif bomb": b"GIF89a" + struct.pack("<HH", 60_000, 60_000) + whole["gif"][10:],
        "gif frame bomb": b"GIF89a" + struct.pack("<HH", 5, 5) + b"\0\0\0" + b"\x2c" + bytes(4)
        + struct.pack("<HHB", 60_000, 60_000, 0) + b"\x02\x02\x44\x01\0\x3b",
        "bmp bomb": whole["bmp"][:18] + struct.pack("<ii", 60_000, 60_000) + whole["bmp"][26:],
        "bmp below 0": whole["bmp"][:18] + struct.pack("<ii", -5, -(2**31)) + whole["bmp"][26:],
        "bmp 0 x 0": whole["bmp"][:18] + struct.pack("<ii", 0, 0) + whole["bmp"][26:],
        "webp bomb": _riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16_000, 16_000) + bytes(100)),
        "webp lossless bomb": _riff(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(100)),
        "webp extended bomb": _riff(b"VP8X", bytes(4) + b"\xff" * 6),
        "webp magic": b"RIFF\0\0\0\0WEBP",
    }  # fmt: skip
