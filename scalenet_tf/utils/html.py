"""HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table of texts, which are escaped.

    Args:
      head: Headings of the columns; none for a table without them.
      rows: A text for each column.
    """
    top = "".join(f"<th>{escape(text)}</th>" for text in head)
    lines = ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    heading = f"<thead><tr>{top}</tr></thead>" if head else ""
    return f"<table>{heading}<tbody>{body}</tbody></table>"
