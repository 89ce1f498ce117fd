"""The rules by which folders of images are read."""

from __future__ import annotations

from dataclasses import dataclass

from scalenet_tf.data.suffixes import PLAIN_SUFFIXES, SUFFIXES

# Files that systems leave behind, beside those whose name begins with a dot.
NOT_OURS = {"thumbs.db", "desktop.ini"}
# Folders that systems and archives leave behind, likewise.
NOT_OUR_FOLDERS = {"__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information"}


def skips_folder(name: str) -> bool:
    """Whether a folder below the one that is given is not looked into: a hidden one, or not the user's."""
    return name.startswith(".") or name.rstrip("/") in NOT_OUR_FOLDERS


@dataclass(frozen=True)
class Reading:
    """The rules by which folders are read.

    Attributes:
      suffixes: Ends of the names of images, in lower case.
      nested: Whether the folders in a class folder are read too.
      forks: Whether files such as ._1.jpg are read too, which macOS lays beside a 1.jpg and which are no
        images.
    """

    suffixes: tuple[str, ...]
    nested: bool
    forks: bool = False

    def takes(self, name: str) -> bool:
        """Whether a name is that of an image."""
        return name.lower().endswith(self.suffixes) and (self.forks or not name.startswith("._"))


PHOTOS, PLAIN = Reading(SUFFIXES, nested=True), Reading(PLAIN_SUFFIXES, nested=False, forks=True)
