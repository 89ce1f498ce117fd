"""Reads a page as a test looks at it: its text, its references, its charts and images."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class Page(HTMLParser):
    """What a page holds.

    Attributes:
      text: Everything that is shown as text, in charts too.
      references: Values of src and href.
      charts: Text alternative of each chart.
      images: Text alternative of each image.
      identifiers: Values of id.
      tags: Names of all elements, in order.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = ""
        self.references: list[str] = []
        self.charts: list[str] = []
        self.images: list[str | None] = []
        self.identifiers: list[str] = []
        self.tags: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.tags.append(tag)
        self.references += [value for name in ("src", "href") if (value := values.get(name))]
        self.identifiers += [value for value in (values.get("id"),) if value]
        if values.get("role") == "img":
            self.charts.append(values.get("aria-label") or "")
        if tag == "img":
            self.images.append(values.get("alt"))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
