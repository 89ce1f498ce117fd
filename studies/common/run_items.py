"""Making the items of a study that are not finished, with a line and the time left for each."""

from __future__ import annotations

from collections.abc import Callable

from scalenet_tf.utils.formatting import time_left
from studies.common.items import FolderItems, Item


def run_items(
    items: dict[str, Callable[[], Item]],
    folder: FolderItems,
    say: Callable[[str], None],
    limit: int | None = None,
) -> None:
    """Makes the items that are not finished.

    Args:
      items: The items.
      folder: The study's folder.
      say: Prints a line of progress.
      limit: Largest number of items to make. None: all.
    """
    left = [name for name in items if name not in folder]
    done = len(items) - len(left)
    say(f"{done} of {len(items)} items are done")
    spent: dict[str, list[float]] = {}
    for position, name in enumerate(left[:limit], start=1):
        seconds = float(folder.record(name, items[name])["environment"]["seconds"])
        spent.setdefault(_group(name), []).append(seconds)
        say(f"[{done + position}/{len(items)}] {name}: {seconds:.0f} s; {_time_left(left[position:], spent)}")


def _group(name: str) -> str:
    return name.split("/")[0]


def _time_left(left: list[str], spent: dict[str, list[float]]) -> str:
    """The time left in words, by the mean seconds so far of each group of items."""
    if not left:
        return "all done"
    seconds = 0.0
    for name in left:
        if (group := _group(name)) not in spent:
            return f"the time left is known once the first {group} item is done"
        seconds += sum(spent[group]) / len(spent[group])
    return time_left(seconds)
