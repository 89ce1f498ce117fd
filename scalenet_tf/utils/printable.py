"""Texts of users, such as names of classes and files, made fit for terminals and Markdown."""

from __future__ import annotations

import re
import sys
from typing import TextIO

# Control characters but newline and tab, which move the cursor or change what a terminal does; separators of
# lines; marks that reverse the direction of text; and halves of pairs, which cannot be encoded.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# What is markup anywhere in a line, addresses that become links, and what is markup at the start of one.
_MARKUP = re.compile(r"[\\`*_\[\]<>|&~$@]|:(?=//)|(?<=www)\.|^[#+=-]|(?<=^\d)[.)]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def printable(text: str) -> str:
    r"""Returns a text whose unprintable characters are escaped as in Python; newlines and tabs stay.

    Example:
      >>> printable("a\x1b[2Jb")
      'a\\x1b[2Jb'
    """
    return _UNPRINTABLE.sub(lambda found: _escaped(found[0]), text)


def one_line(text: str) -> str:
    r"""Returns a name as printable text in one line; newlines and tabs are escaped too.

    Example:
      >>> one_line("cats\ndogs")
      'cats\\ndogs'
    """
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def markdown(text: str) -> str:
    r"""Returns a name as Markdown that shows it as it is, in one line: nothing in it is markup.

    Example:
      >>> print(markdown("<b>*cats*"))
      &lt;b&gt;\*cats\*
    """
    return _MARKUP.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), one_line(text))


def markdown_code(text: str) -> str:
    """Returns a name as a span of code in Markdown, whatever backticks it has.

    Example:
      >>> markdown_code("a`b")
      '``a`b``'
    """
    line = one_line(text)
    longest = max(map(len, re.findall("`+", line)), default=0)
    fence, space = "`" * (longest + 1), " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def write_line(text: str, stream: TextIO | None = None) -> None:
    """Writes a line of printable text, and flushes it.

    Args:
      text: Text of the line.
      stream: Stream to write to. Default: stdout.
    """
    target = sys.stdout if stream is None else stream
    encoding = getattr(target, "encoding", None) or "utf-8"
    target.write(printable(text).encode(encoding, "backslashreplace").decode(encoding) + "\n")
    target.flush()


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
