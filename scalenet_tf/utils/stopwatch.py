"""Working time of a job step, summed over all processes that worked on it."""

from __future__ import annotations

import time
from pathlib import Path

from scalenet_tf.errors import DamagedFileError
from scalenet_tf.utils import files

_NOTE_SECONDS = 1.0


class Stopwatch:
    """Wall time of a job step over all its processes; a kill loses the time since the last note.

    Args:
      file: JSON file that stores the seconds.

    Raises:
      ScaleNetError: If the file holds something else.
    """

    def __init__(self, file: Path):
        self._file = file
        self._earlier = _noted(file) if file.is_file() else 0.0
        self._begun = self._noted = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds until now, including those of earlier processes."""
        return self._earlier + time.monotonic() - self._begun

    def note(self) -> None:
        """Stores the seconds, at most once per second, so it may be called at any rate."""
        if time.monotonic() - self._noted >= _NOTE_SECONDS:
            files.write_json(self._file, round(self.seconds, 3))
            self._noted = time.monotonic()


def _noted(file: Path) -> float:
    try:
        return float(files.read_json(file))
    except (TypeError, ValueError) as error:
        raise DamagedFileError(
            f"{str(file)!r} is damaged: it must hold a number of seconds ({error}). Remove it to continue; "
            "the seconds of earlier processes are lost."
        ) from error
