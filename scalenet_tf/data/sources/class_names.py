"""Names of classes: each has one, and no two are the same."""

from __future__ import annotations

from collections.abc import Sequence

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.class_name import class_name


def unique_names(names: Sequence[str], places: Sequence[str], source: str) -> tuple[str, ...]:
    """Returns the names of the classes in their stored form.

    Args:
      names: Names as they were found, in the order of the classes.
      places: Place of each of them, such as "line 3".
      source: The source in messages, such as "'photos/labels.txt'".

    Raises:
      ScaleNetError: If a name is empty or has several lines, or two names are the same in their stored form.
    """
    found: dict[str, str] = {}
    for text, place in zip(names, places, strict=True):
        name = class_name(text)
        if not name or "\n" in name or "\r" in name:
            raise InvalidInputError(
                f"`data.source`: every class of {source} must have a name of one line. Received: {text!r} "
                f"({place}). Give the class a name; the number of a class is its place in the list."
            )
        if name in found:
            raise InvalidInputError(
                f"`data.source`: every class of {source} must have a name of its own. Received: {name!r} "
                f"twice ({found[name]} and {place}), which would be one class in every result. Rename one "
                f"of them, such as {name + ' 2'!r}, or join them."
            )
        found[name] = place
    return tuple(found)


def parse_class_names(content: bytes, file: str) -> tuple[str, ...]:
    """Returns the names of the classes in labels.txt, one for each line, in the order of their numbers.

    Args:
      content: Content of the file: UTF-8, with or without a byte order mark, with any line ends.
      file: Path of the file for messages.

    Raises:
      ScaleNetError: If the file is not UTF-8 text, has no names, or has a blank line or the same name twice.
    """
    text = utf8_text(content, file, "one class name per line")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not class_name(lines[-1]):
        lines.pop()  # an empty line at the end of a file names no class
    if not lines:
        raise InvalidInputError(f"`data.source`: {file!r} must hold one class name per line. It holds none.")
    return unique_names(lines, [f"line {number}" for number in range(1, len(lines) + 1)], repr(file))


def utf8_text(content: bytes, file: str, form: str) -> str:
    """Returns the text of a file, without a byte order mark.

    Args:
      content: Content of the file.
      file: Path of the file for messages.
      form: Content that the file should have, such as "one class name per line".

    Raises:
      ScaleNetError: If it is not UTF-8 text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, found = "\0", f"byte {content[error.start]:#04x} at position {error.start}"
    else:
        found = "a zero byte"
    if "\0" in text:
        raise InvalidInputError(
            f"`data.source`: {file!r} must be text in UTF-8, {form}. Received: {found}. "
            "Save it as UTF-8 (not as UTF-16, which some editors call Unicode)."
        )
    return text
