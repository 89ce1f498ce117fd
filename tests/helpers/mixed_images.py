"""Small images in every format that is read: orientations, alpha, palettes, 16 bits, CMYK."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

ORIENTATION = 0x0112
EXIF_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")


def picture(height: int = 24, width: int = 36) -> Image.Image:
    """A colour image without any symmetry, smooth as a photo is."""
    down, right = np.mgrid[0:height, 0:width]
    bands = [down * 255 // height, right * 255 // width, (down + 2 * right) * 255 // (height + 2 * width)]
    return Image.fromarray(np.stack(bands, -1).astype(np.uint8))


def transparent() -> Image.Image:
    """A colour image whose alpha falls from right to left."""
    image = picture()
    image.putalpha(Image.fromarray(np.tile(np.arange(36) * 7, (24, 1)).astype(np.uint8)))
    return image


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    """Returns the content of a file; WebP is lossless."""
    if form == "WEBP":
        options = {"lossless": True, "exact": True} | options
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def oriented(form: str, orientation: int, *, before: bool = False) -> bytes:
    """Returns a file with an EXIF orientation; `before` puts other segments in front of it."""
    exif = Image.Exif()
    exif[0x010F], exif[ORIENTATION], exif[0x0131] = "maker", orientation, "software"
    content = encoded(picture(), form, exif=exif)
    if before and form == "JPEG":
        comment = b"\xff\xfe" + (5000).to_bytes(2, "big") + b"Exif\0\0" + b"c" * 4992
        content = content[:2] + comment + content[2:]
    return content


def sixteen_bits() -> Image.Image:
    grey = np.asarray(picture().convert("L"), np.uint16)
    return Image.fromarray(grey * 256 + 200)


def seen(content: bytes, background: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """The pixels that Pillow alone makes of a file: turned, over the background; uint8 [H, W, 1 or 3]."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.mode.startswith("I;16"):
        return (np.asarray(image) >> 8).astype(np.uint8)[..., None]
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))[..., None]
    if image.mode == "LA":
        grey, alpha = image.split()
        behind = Image.new(
            "L", image.size, Image.new("RGB", (1, 1), background).convert("L").getpixel((0, 0))
        )
        return np.asarray(Image.composite(grey, behind, alpha))[..., None]
    if image.has_transparency_data:
        below = Image.new("RGB", image.size, background)
        return np.asarray(Image.composite(image.convert("RGB"), below, image.convert("RGBA").getchannel("A")))
    return np.asarray(image.convert("RGB"))


def table() -> dict[str, bytes]:
    """The content of one file of each kind, by its name."""
    colour, palette = picture(), picture().quantize(16)
    return {
        "plain.jpg": encoded(colour, "JPEG"),
        "grey.JPEG": encoded(colour.convert("L"), "JPEG"),
        "cmyk.jpe": encoded(colour.convert("CMYK"), "JPEG"),
        "progressive.jfif": encoded(colour, "JPEG", progressive=True),
        "phone.jpg": oriented("JPEG", 6),
        "colour.png": encoded(colour, "PNG"),
        "grey.PNG": encoded(colour.convert("L"), "PNG"),
        "bits.png": encoded(colour.convert("1"), "PNG"),
        "sixteen.png": encoded(sixteen_bits(), "PNG"),
        "palette.png": encoded(palette, "PNG"),
        "palette-alpha.png": encoded(palette, "PNG", transparency=3),
        "alpha.png": encoded(transparent(), "PNG"),
        "grey-alpha.png": encoded(transparent().convert("LA"), "PNG"),
        "colour.webp": encoded(colour, "WEBP"),
        "alpha.webp": encoded(transparent(), "WEBP"),
        "colour.bmp": encoded(colour, "BMP"),
        "palette.bmp": encoded(palette, "BMP"),
        "palette.gif": encoded(palette, "GIF"),
        "alpha.gif": encoded(palette, "GIF", transparency=3),
        "several.gif": encoded(palette, "GIF", save_all=True, append_images=[palette.rotate(180)]),
        "colour.tif": encoded(colour, "TIFF"),
        "alpha.TIFF": encoded(transparent(), "TIFF"),
        "cmyk.tiff": encoded(colour.convert("CMYK"), "TIFF"),
        "sixteen.tif": encoded(sixteen_bits(), "TIFF"),
        "grey-alpha.tif": encoded(transparent().convert("LA"), "TIFF"),
    }


def is_served(name: str) -> bool:
    """Whether a served graph decodes a file of `table`."""
    return name.lower().endswith((".jpg", ".jpeg", ".jpe", ".jfif", ".png"))


def write_mixed_folder(folder: Path, classes: tuple[str, ...] = ("cat", "dog")) -> int:
    """Writes the images of `table` into folders of classes, some nested, and returns their number."""
    files = table()
    for number, label in enumerate(classes):
        for place, (name, content) in enumerate(files.items()):
            path = folder / label / ("" if place % 3 else f"day {number}/more") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return len(classes) * len(files)
