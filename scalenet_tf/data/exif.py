"""The orientation that a camera wrote into a JPEG or PNG, read within a graph, and images turned by it."""

from __future__ import annotations

import tensorflow as tf

from scalenet_tf.data.image_header import MAX_PIXELS

_MOST_ENTRIES = 512  # of a directory; cameras write about 15
_ORIENTATION, _SHORT = 0x0112, 3
_EXIF = b"Exif\0\0"
_PNG_BEGIN = 41  # up to the name of a PNG's second chunk
_FIRST_BYTES = 22  # up to the marker of a JPEG's second segment


def has_no_note(image_bytes: tf.Tensor) -> tf.Tensor:
    """Whether it is a JPEG that goes straight from its header to the pixels, by a quick look at its begin."""
    begin = tf.io.decode_raw(image_bytes, tf.uint8, fixed_length=_FIRST_BYTES)  # zeros beyond the end
    jfif = (begin[3] == 0xE0) & (begin[5] == 16)
    return tf.reduce_all(begin[:3] == [0xFF, 0xD8, 0xFF]) & (
        (begin[3] == 0xDB) | (jfif & (begin[21] == 0xDB))
    )


def is_simple_png(image_bytes: tf.Tensor) -> tf.Tensor:
    """Whether it is a PNG of 8 bits without palette, alpha and notes, and of no more than 2^26 pixels.

    Its pixels then begin right behind the header.
    """
    begin = tf.cast(tf.io.decode_raw(image_bytes, tf.uint8, fixed_length=_PNG_BEGIN), tf.int32)
    width, height = (256 * begin[at] + begin[at + 1] for at in (18, 22))
    small = tf.reduce_all(tf.gather(begin, [16, 17, 20, 21]) == 0)
    limit = MAX_PIXELS // tf.maximum(height, 1)
    return (
        tf.reduce_all(begin[:8] == list(b"\x89PNG\r\n\x1a\n"))
        & (begin[24] == 8)
        & ((begin[25] == 0) | (begin[25] == 2))
        & tf.reduce_all(begin[37:41] == list(b"IDAT"))
        & small
        & (width <= limit)
    )


def upright(image: tf.Tensor, image_bytes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Turns an image as the camera's note in its file says.

    Args:
      image: Decoded image [H, W, C].
      image_bytes: The JPEG or PNG that it was decoded from, a scalar string.

    Returns:
      The image as it is to be seen, and its orientation 1 to 8, int32; 1 for an image that was not turned.
    """

    found = orientation(image_bytes)
    return tf.cond(found > 1, lambda: turned(image, found), lambda: image), found


def turned(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Returns an image [H, W, C] of an EXIF orientation, 1 to 8, as it is to be seen."""

    def reversed_if(condition: tf.Tensor, image: tf.Tensor, axis: int) -> tf.Tensor:
        return tf.cond(condition, lambda: tf.reverse(image, [axis]), lambda: image)

    def is_one_of(*numbers: int) -> tf.Tensor:
        return tf.reduce_any(tf.constant(numbers) == orientation)

    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: image)
    image = reversed_if(is_one_of(2, 3, 6, 7), image, 1)
    return reversed_if(is_one_of(3, 4, 7, 8), image, 0)


def orientation(image_bytes: tf.Tensor) -> tf.Tensor:
    """Returns the orientation of a JPEG or PNG, 1 to 8; 1 if it has none that is valid."""
    is_png = tf.strings.substr(image_bytes, 0, 4) == b"\x89PNG"
    start = tf.cond(is_png, lambda: _note_of_png(image_bytes), lambda: _note_of_jpeg(image_bytes))
    return tf.cond(start > 0, lambda: _read_note(image_bytes, start), lambda: tf.constant(1))


def _note_of_jpeg(image_bytes: tf.Tensor) -> tf.Tensor:
    """Position of the note, behind its name; 0 if no segment in front of the pixels has one."""

    def is_note(at: tf.Tensor) -> tf.Tensor:
        named = _part(image_bytes, at + 4, len(_EXIF)) == _EXIF
        return (_numbers(image_bytes, at, 2) == 0xFFE1) & named

    def goes_on(at: tf.Tensor) -> tf.Tensor:
        marker = _numbers(image_bytes, at, 2)
        other = ((marker >= 0xFFE0) & (marker <= 0xFFEF)) | (marker == 0xFFFE)
        return other & ~is_note(at)

    [at] = tf.while_loop(goes_on, lambda at: [at + 2 + _numbers(image_bytes, at + 2, 2)], [tf.constant(2)])
    return tf.where(is_note(at), at + 4 + len(_EXIF), 0)


def _note_of_png(image_bytes: tf.Tensor) -> tf.Tensor:
    def name(at: tf.Tensor) -> tf.Tensor:
        return _part(image_bytes, at + 4, 4)

    def goes_on(at: tf.Tensor) -> tf.Tensor:
        length = _numbers(image_bytes, at, 4)
        known = (name(at) != b"eXIf") & (name(at) != b"IDAT") & (name(at) != b"")
        return known & (length >= 0) & (length < 2**30)

    [at] = tf.while_loop(goes_on, lambda at: [at + 12 + _numbers(image_bytes, at, 4)], [tf.constant(8)])
    return tf.where(name(at) == b"eXIf", at + 8, 0)


def _read_note(image_bytes: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    """Reads the orientation from a note, which has the form of a TIFF file."""
    note = tf.strings.substr(image_bytes, start, 2**16)
    little = tf.strings.substr(note, 0, 4) == b"II*\0"
    first = _number(note, tf.constant(4), 4, little)
    first = tf.where((first < 8) | (first >= 2**16), 2**16, first)
    count = tf.minimum(_number(note, first, 2, little), _MOST_ENTRIES)
    content = _part(note, first + 2, 12 * count)
    whole = tf.strings.length(content) // 12
    entries = tf.reshape(_decoded(tf.strings.substr(content, 0, 12 * whole)), [whole, 12])
    pairs = tf.reshape(entries, [whole, 6, 2])
    pairs = tf.where(little, pairs[..., 1] * 256 + pairs[..., 0], pairs[..., 0] * 256 + pairs[..., 1])
    noted = tf.boolean_mask(pairs[:, 4], (pairs[:, 0] == _ORIENTATION) & (pairs[:, 1] == _SHORT))
    value = tf.concat([noted, [1]], 0)[0]
    known = little | (tf.strings.substr(note, 0, 4) == b"MM\0*")
    return tf.where(known & (value >= 1) & (value <= 8), value, 1)


def _part(text: tf.Tensor, at: tf.Tensor, length: int | tf.Tensor) -> tf.Tensor:
    """Returns the bytes of a text from a position that may be beyond its end."""
    return tf.strings.substr(text, tf.minimum(at, tf.strings.length(text)), length)


def _decoded(text: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.io.decode_raw(text, tf.uint8), tf.int32)


def _numbers(image_bytes: tf.Tensor, at: tf.Tensor, length: int) -> tf.Tensor:
    return _number(image_bytes, at, length, tf.constant(False))


def _number(text: tf.Tensor, at: tf.Tensor, length: int, little: tf.Tensor) -> tf.Tensor:
    """Reads a number of some bytes; 0 if it is not within the text."""
    within = at + length <= tf.strings.length(text)
    found = _decoded(tf.strings.substr(text, tf.where(within, at, 0), length))
    found = tf.pad(found, [[0, length]])[:length]
    power = tf.bitwise.left_shift(1, 8 * tf.range(length))
    return tf.where(within, tf.reduce_sum(found * tf.where(little, power, power[::-1])), 0)
