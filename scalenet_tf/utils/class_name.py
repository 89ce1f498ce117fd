"""The one form in which the name of a class is stored and compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

_BYTE_ORDER_MARK = "\ufeff"


def class_name(text: str) -> str:
    """Returns the name of a class as it is stored and compared.

    The same name may be written in several ways: macOS decomposes accents in names of folders, Windows puts a
    byte order mark before the first name of a file, and blanks at the end cannot be seen.

    Args:
      text: Name of a folder, a line of labels.txt, or a name that a data set declares.

    Returns:
      The name in Unicode's composed form (NFC), without blanks and byte order marks at its ends.
    """
    return unicodedata.normalize("NFC", text.strip().strip(_BYTE_ORDER_MARK).strip())


def stored_names(names: Iterable[object]) -> tuple[str, ...]:
    """Returns names of classes as they are stored and compared."""
    return tuple(class_name(str(name)) for name in names)


# Names of classes in a file. Earlier versions stored them as they were found.
ClassNames = Annotated[tuple[str, ...], AfterValidator(stored_names)]
