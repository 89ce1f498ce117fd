"""One decoder for all ways in: every format, orientation, alpha, grey and colour."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from scalenet_tf.data.decoder import Decoder, with_channels
from scalenet_tf.data.image_header import MAX_PIXELS
from scalenet_tf.data.other_formats import decode_other
from tests.helpers import mixed_images as mixed

# Decoders of JPEG differ: TensorFlow's takes the faster transform, as it always did here.
JPEG_BOUND = 8


def decoded(content: bytes, channels: int = 0, **options: object) -> np.ndarray:
    return Decoder(**options).decode(tf.constant(content), channels).numpy()  # type: ignore[arg-type]


def bound(name: str) -> int:
    if name.startswith("cmyk"):
        return JPEG_BOUND
    return JPEG_BOUND if name.lower().endswith((".jpg", ".jpeg", ".jpe", ".jfif")) else 1


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 0, 0), (10, 200, 90)])
def test_every_format_is_decoded_as_pillow_shows_it(background: tuple[int, int, int]) -> None:
    for name, content in mixed.table().items():
        expected = mixed.seen(content, background).astype(int)
        found = decoded(content, background=background)
        assert found.shape == expected.shape, name
        assert np.abs(found - expected).max() <= bound(name), name


@pytest.mark.parametrize("form", mixed.EXIF_FORMATS)
def test_images_are_turned_by_their_orientation(form: str) -> None:
    for orientation in range(1, 9):
        for before in (False, True):
            content = mixed.oriented(form, orientation, before=before)
            found, stored = Decoder().decode_and_tell(tf.constant(content))
            expected = mixed.seen(content)
            assert found.shape == expected.shape, orientation
            most = JPEG_BOUND if form == "JPEG" else 0
            assert np.abs(found.numpy().astype(int) - expected).max() <= most, orientation
            assert stored.numpy().tolist()[2:] == [3, orientation]


def test_notes_that_are_cut_or_wrong_turn_nothing() -> None:
    whole = mixed.oriented("JPEG", 6)
    for orientation in (0, 9, 300):
        found, upright = (decoded(mixed.oriented("JPEG", number)) for number in (orientation, 1))
        np.testing.assert_array_equal(found, upright)
    begin = whole.index(b"MM")
    for at, value in ((begin, b"XX"), (begin + 4, b"\xff\xff\xff\xff"), (begin + 8, b"\xff\xff")):
        content = whole[:at] + value + whole[at + len(value) :]
        assert decoded(content).shape in ((24, 36, 3), (36, 24, 3))


def test_grey_and_colour_are_converted_as_pillow_does() -> None:
    colour = mixed.picture()
    content = mixed.encoded(colour, "PNG")
    np.testing.assert_array_equal(decoded(content, 1)[..., 0], np.asarray(colour.convert("L")))
    grey = mixed.encoded(colour.convert("L"), "PNG")
    np.testing.assert_array_equal(decoded(grey, 3), np.repeat(decoded(grey), 3, axis=2))
    # A palette is colour, not its numbers.
    palette = mixed.picture().quantize(16)
    expected = np.asarray(palette.convert("RGB").convert("L"))
    np.testing.assert_array_equal(decoded(mixed.encoded(palette, "BMP"), 1)[..., 0], expected)
    np.testing.assert_array_equal(with_channels(tf.constant(decoded(content)), 1), decoded(content, 1))


@pytest.mark.parametrize(
    "name", ["alpha.png", "palette-alpha.png", "grey-alpha.png", "alpha.webp", "alpha.gif"]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_transparent_is_background(name: str, channels: int) -> None:
    content = mixed.table()[name]
    white, black = (decoded(content, channels, background=(level,) * 3) for level in (255, 0))
    clear = white.astype(int) - black
    assert clear.min() >= 0 and clear.max() == 255  # somewhere nothing but background is seen


def test_earlier_runs_decode_as_they_did() -> None:
    for name, content in mixed.table().items():
        if mixed.is_served(name):
            image = tf.io.decode_image(content, expand_animations=False).numpy()
            expected = image[..., :-1] if image.shape[2] % 2 == 0 else image
            np.testing.assert_array_equal(decoded(content, plain=True), expected)
    phone = mixed.oriented("JPEG", 6)
    assert decoded(phone, plain=True).shape == (24, 36, 3) and decoded(phone).shape == (36, 24, 3)


def test_plain_jpegs_have_the_pixels_of_earlier_versions() -> None:
    for name in ("plain.jpg", "grey.JPEG", "progressive.jfif", "cmyk.jpe"):
        content = mixed.table()[name]
        np.testing.assert_array_equal(decoded(content), decoded(content, plain=True))


def test_a_file_is_decoded_alike_in_a_pipeline() -> None:
    files = mixed.table()
    decoder = Decoder()
    pipeline = tf.data.Dataset.from_tensor_slices(list(files.values())).map(lambda c: decoder.decode(c, 3))
    for content, image in zip(files.values(), pipeline.as_numpy_iterator(), strict=True):
        np.testing.assert_array_equal(image, decoded(content, 3))


@pytest.mark.parametrize("form", ["GIF", "BMP", "WEBP", "TIFF", "PNG", "JPEG"])
def test_damaged_files_of_every_format_are_refused(form: str) -> None:
    image = mixed.picture(64, 64)
    content = mixed.encoded(image.quantize(64) if form == "GIF" else image, form)
    for damaged in (content[: len(content) // 2], content[:20], content[:3], b""):
        with pytest.raises(tf.errors.InvalidArgumentError):
            decoded(damaged)


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
def test_bombs_are_refused_by_their_header(form: str) -> None:
    side = int(MAX_PIXELS**0.5) + 1
    content = mixed.encoded(Image.new("1", (side, side)).convert("P" if form == "GIF" else "1"), form)
    with pytest.raises(ValueError, match=r"8,193 x 8,193 pixels, the limit is 67,108,864"):
        decode_other(content)


def test_pixels_of_unknown_range_are_refused() -> None:
    content = mixed.encoded(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF")
    with pytest.raises(ValueError, match=r"pixels of 32 bits \(mode F\)"):
        decode_other(content)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_transparent_gif_of_greys_is_laid_over_the_background(channels: int) -> None:
    image = Image.new("L", (4, 4), 7)
    image.paste(200, (0, 0, 2, 4))
    content = io.BytesIO()
    image.save(content, "GIF", transparency=7, optimize=False)  # whose palette is all 256 greys
    with Image.open(io.BytesIO(content.getvalue())) as opened:
        assert (opened.mode, opened.has_transparency_data) == ("L", True)
    found = decoded(content.getvalue(), channels, background=(90, 90, 90))
    assert (found[:, :2] == 200).all() and (found[:, 2:] == 90).all()
