"""The classes of faults. A further class is one function and one entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.faults.attempt import Attempt
from tests.faults.damaged_files import damaged_files
from tests.faults.hostile_images import hostile
from tests.faults.kills import kills
from tests.faults.odd_keys import odd_keys
from tests.faults.odd_options import odd_options
from tests.faults.odd_paths import odd_paths
from tests.faults.refusing_system import refusing_system
from tests.faults.workshop import Workshop

FaultClass = Callable[[Workshop], Iterator[Attempt]]
CLASSES: dict[str, FaultClass] = {
    "damaged files": damaged_files,
    "refusing system": refusing_system,
    "kills": kills,
    "odd keys": odd_keys,
    "odd options": odd_options,
    "odd paths": odd_paths,
    "hostile images": hostile,
}
