"""The rules by which folders of images are read."""

from __future__ import annotations

from dataclasses import dataclass

from scalenet_tf.data.suffixes import PLAIN_SUFFIXES, SUFFIXES

# Files that systems leave behind, beside those whose name begins with a dot.
NOT_OURS = {"thumbs.db", "desktop.ini"}
# Folders that systems and archives leave behind, likewise.
NOT_OUR_FOLDERS = {"__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information"}


@dataclass(frozen=True)
class Reading:
    """The rules by which folders are read.

    Attributes:
      suffixes: Ends of the names of images, in lower case.
      nested: Whether the folders in a class folder are read too.
      hidden: Whether files whose name begins with a dot are read too, such as the ._1.jpg that macOS lays
        beside a 1.jpg.
    """

    suffixes: tuple[str, ...]
    nested: bool
    hidden: bool = False

    def takes(self, name: str) -> bool:
        """Whether a name is that of an image."""
        return name.lower().endswith(self.suffixes) and (self.hidden or not name.startswith("."))


PHOTOS, PLAIN = Reading(SUFFIXES, nested=True), Reading(PLAIN_SUFFIXES, nested=False, hidden=True)
