"""The classes of faults. A further class is one function and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.faults.attempt import Attempt
from tests.faults.damaged_files import damaged_files
from tests.faults.refusing_system import refusing_system
from tests.faults.workshop import Workshop

FaultClass = Callable[[Workshop], Iterator[Attempt]]
CLASSES: dict[str, FaultClass] = {
    "damaged files": damaged_files,
    "refusing system": refusing_system,
}
