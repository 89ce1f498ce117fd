"""Working time of a job step, summed over all processes that worked on it."""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path

from scalenet_tf.utils import files

logger = logging.getLogger(__name__)

_NOTE_SECONDS = 1.0


class Stopwatch:
    """Wall time of a job step over all its processes; a kill loses the time since the last note.

    The seconds decide nothing, so a file that is damaged or cannot be written stops no work.

    Args:
      file: JSON file that stores the seconds.
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
            try:
                files.write_json(self._file, round(self.seconds, 3))
            except OSError as error:
                logger.debug("the seconds are not stored: %s", error)
            self._noted = time.monotonic()


def _noted(file: Path) -> float:
    try:
        found = files.read_json(file)
    except (OSError, ValueError):
        found = None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < math.inf:
        logger.warning("%r is damaged: the seconds of earlier processes are lost", str(file))
        return 0.0
    return float(found)
