"""Resident memory of this process."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def peak_resident_memory() -> int:
    """Returns the peak resident memory of this process in bytes.

    On Linux `getrusage` also counts what the parent held when it started this process (`ru_maxrss` survives
    `exec`), so the kernel's own high-water mark is read there.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    if found:
        return 1024 * int(found[1])
    import resource  # Windows has none.

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
