"""`SearchProject`: the folder of a search, with its identity and its journal."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.layout import SEARCH_IDENTITY, TRIALS
from scalenet_tf.search.identity import SearchIdentity, check_identity, check_nothing_begun
from scalenet_tf.search.journal import Journal, ResultRow, StartedRow
from scalenet_tf.utils.value_file import write_value


class SearchProject:
    """The folder that a search is kept in: oracle.json, written once, and trials.jsonl.

    Args:
      folder: Path of the folder. It is created by `open`.
      identity: Identity of the search.
    """

    def __init__(self, folder: Path, identity: SearchIdentity) -> None:
        self._identity_file, self._identity = folder / SEARCH_IDENTITY, identity
        self.journal = Journal(folder / TRIALS)
        self._lost_row = False  # A row could not be written.

    def check(self) -> bool:
        """Returns whether the folder holds this search already.

        Raises:
          ScaleNetError: If it holds another search, or trials whose identity is lost.
        """
        if not self._identity_file.exists():
            check_nothing_begun(self._identity_file, self.journal.path)
            return False
        check_identity(self._identity_file, self._identity)
        return True

    def open(self) -> None:
        """Takes the folder for this process, and writes the identity if it is missing.

        Raises:
          ScaleNetError: If another process searches in it.
        """
        self.journal.open()
        if not self._identity_file.exists():
            write_value(self._identity_file, self._identity)

    def close(self) -> None:
        """Releases the folder for other processes."""
        self.journal.close()

    def append(self, row: StartedRow | ResultRow) -> bool:
        """Adds a row to the journal. If one cannot be written, no row follows it.

        A row after a lost one would belong to a trial that no later process asks for.

        Returns:
          Whether it was written; no row is after a lost one.

        Raises:
          ScaleNetError: If it cannot be written.
        """
        if self._lost_row:
            return False
        try:
            self.journal.append(row)
        except ScaleNetError:
            self._lost_row = True
            raise
        return True
