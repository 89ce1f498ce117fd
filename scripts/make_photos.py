"""Makes a folder of photos as people have them, out of a folder of plain images.

Each image is enlarged to a size of its own, and written in one of the formats, orientations, modes and
places that are found among photos: turned by EXIF, transparent, with a palette, 16 bits, CMYK, grey, in
nested folders, with suffixes in capitals. Two files that are no images are there too, and the last class is
smaller than the others. The same seed gives the same folder.

    python scripts/make_photos.py CIFAR-10-images/train photos --per-class 300
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from PIL import Image, ImageOps

from scalenet_tf.errors import ScaleNetError

ORIENTATION = 0x0112
# By EXIF orientation: how the image was turned before it was stored.
STORED = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}

Write = Callable[[Image.Image, Path, random.Random], None]


def _saved(
    suffix: str, change: Callable[[Image.Image], Image.Image] = lambda image: image, **options: Any
) -> Write:
    def write(image: Image.Image, path: Path, rng: random.Random) -> None:
        ending = suffix.upper() if rng.random() < 0.2 else suffix
        change(image).save(path.with_name(path.name + ending), **options)

    return write


def _phone(image: Image.Image, path: Path, rng: random.Random) -> None:
    """A photo of a phone on its side: stored as the sensor lies, with a note of how to turn it."""
    orientation = rng.choice(sorted(STORED))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image.transpose(STORED[orientation]).save(path.with_name(path.name + ".jpg"), quality=92, exif=exif)


def _cut_out(image: Image.Image) -> Image.Image:
    """An image whose border is transparent, and black where nobody sees it."""
    height, width = image.height, image.width
    down, right = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    inside = (down**2 + right**2 < 1.4)[..., None]
    return Image.fromarray(np.concatenate([image * inside, inside * 255], -1).astype(np.uint8))


def _sixteen(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)


# A way to write a photo, and how often it is taken.
WAYS: tuple[tuple[int, Write], ...] = (
    (40, _saved(".jpg", quality=92)),
    (12, _phone),
    (4, _saved(".jpeg", progressive=True)),
    (3, _saved(".jpe", lambda image: image.convert("CMYK"))),
    (4, _saved(".jpg", lambda image: image.convert("L"))),
    (10, _saved(".png")),
    (6, _saved(".png", _cut_out)),
    (3, _saved(".png", lambda image: image.quantize(64))),
    (2, _saved(".png", _sixteen)),
    (8, _saved(".webp", quality=90)),
    (2, _saved(".bmp")),
    (3, _saved(".gif", lambda image: image.quantize(128))),
    (3, _saved(".tif")),
)


def enlarged(image: Image.Image, rng: random.Random, sides: tuple[int, int]) -> Image.Image:
    """The image at a size between `sides`, cut to the shape of a photo: square, 4:3 or 3:4."""
    side = round(sides[0] * (sides[1] / sides[0]) ** rng.random())
    shape = rng.choice([(4, 4), (4, 3), (3, 4)])
    size = (round(side * shape[0] / 4), round(side * shape[1] / 4))
    return ImageOps.fit(image.convert("RGB"), size, Image.Resampling.LANCZOS)


def images_of(folder: Path, count: int) -> list[Path]:
    """The first images of a class.

    Raises:
      ScaleNetError: If there are fewer.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".png"))[:count]
    if len(found) < count:
        raise ScaleNetError(
            f"`--per-class` must be at most the number of images of each class. Received: {count}; "
            f"{str(folder)!r} holds {len(found)}"
        )
    return found


def main(
    source: Annotated[Path, typer.Argument(help="Folder of images: SOURCE/CLASS/*.jpg", exists=True)],
    output: Annotated[Path, typer.Argument(help="The folder to write; it must not exist.")],
    per_class: Annotated[int, typer.Option(min=4, help="Photos of a class; of the last one, a half.")] = 300,
    smallest: Annotated[int, typer.Option(min=8, help="Shortest longer side in pixels.")] = 48,
    largest: Annotated[int, typer.Option(min=8, help="Longest longer side in pixels.")] = 96,
    seed: Annotated[int, typer.Option(help="Seed of sizes, formats and places.")] = 0,
) -> None:
    """Makes a folder of photos of mixed formats, sizes and channels."""
    if output.exists():
        raise ScaleNetError(f"`output` must be a path where nothing is. Received: {str(output)!r}")
    rng = random.Random(seed)
    classes = sorted(path for path in source.iterdir() if path.is_dir())
    weights = [weight for weight, _ in WAYS]
    written = 0
    for folder in classes:
        count = per_class // 2 if folder == classes[-1] else per_class
        for number, path in enumerate(images_of(folder, count)):
            place = output / folder.name / rng.choice(["", "", "", "2024/summer", "phone"])
            place.mkdir(parents=True, exist_ok=True)
            (write,) = rng.choices([way for _, way in WAYS], weights)
            with Image.open(path) as image:
                write(enlarged(image, rng, (smallest, largest)), place / f"IMG_{number:04}", rng)
            written += 1
    (output / classes[0].name / "IMG_9999.heic").write_bytes(b"\0\0\0\x18ftypheic")
    (output / classes[0].name / "notes.txt").write_text("holiday\n", "utf-8")
    typer.echo(f"{output}: {written:,} photos of {len(classes)} classes")


if __name__ == "__main__":
    try:
        typer.run(main)
    except ScaleNetError as error:
        sys.exit(f"make_photos: {error}")
