"""Work folders in `scratch`: kept when an artifact is made, and removed when unused for days."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from components.common.log import log

KEPT_DAYS = 14
# A folder of this name that holds this file is ours; `scratch` may hold images and models too.
_NAME = re.compile(r"[a-z_]+-[0-9a-f]{16}")
_USED = "used"


def use_folder(scratch: str | Path, name: str) -> Path:
    """Returns the work folder of this name, and makes it if it is new.

    Args:
      scratch: Folder that outlives an attempt.
      name: Component and digest, as `produce` joins them.
    """
    folder = Path(scratch) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _USED).touch()
    return folder


def remove_unused(scratch: str | Path, component: str) -> None:
    """Removes work folders in which nothing was written for `KEPT_DAYS` days.

    Args:
      scratch: Folder that outlives an attempt.
      component: Component that logs it.
    """
    oldest = time.time() - KEPT_DAYS * 86_400
    for folder in Path(scratch).glob("*-*"):
        if not _NAME.fullmatch(folder.name) or not (folder / _USED).is_file():
            continue
        # The mark is looked at once more at last: another task may have taken the folder meanwhile.
        if all(written < oldest for written in _times_of(folder)) and not _is_used_since(folder, oldest):
            shutil.rmtree(folder, ignore_errors=True)
            log(component, "removed unused work", work=str(folder), days=KEPT_DAYS)


def _is_used_since(folder: Path, time_: float) -> bool:
    with suppress(OSError):  # Another task may be removing it.
        return (folder / _USED).stat().st_mtime >= time_
    return False


def _times_of(folder: Path) -> Iterator[float]:
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # Another task may be removing it.
                yield os.stat(os.path.join(parent, name)).st_mtime
