"""Words of a command line that cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scalenet_tf.errors import InvalidInputError


def check_words(words: Sequence[str]) -> None:
    """Checks that no option or argument is empty.

    An empty path would be the working directory, so a variable that is not set would begin a run there.

    Args:
      words: The words after the name of the program.

    Raises:
      ScaleNetError: If a word is empty; the text names its option.

    Example:
      >>> check_words(["train", "--run", "runs/first"])
    """
    for before, word in zip(("", *words), words, strict=False):
        option = re.fullmatch(r"(--[a-z-]+)=", word)
        if not word.strip() or option:
            name = option[1] if option else before if re.match("--.", before) else "an argument"
            raise InvalidInputError(
                f"{name} must not be empty. A common cause is a variable of the shell that is not set."
            )
