"""A packed study: a JSON-lines file of the study, then its items, one per line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from studies.common.items import FolderItems, Item, PackedItems

SUFFIX = ".jsonl"
# What the first line holds for all items that agree on it, and what no item needs: the machine and the hour.
_SHARED = ("python", "cpus", "cpu", "allocator", "onednn", "git_commit")
_DROPPED = ("host", "platform", "finished")


@dataclass(frozen=True)
class Shared:
    """What the items of a study have in common; it completes each item that has an environment.

    Attributes:
      packages: Package versions, or None if items differ in them.
      environment: Entries of the environment, such as {"cpus": 2}.
    """

    packages: dict[str, str | None] | None
    environment: dict[str, Any]

    @classmethod
    def of(cls, items: Iterable[Item]) -> Shared:
        """Finds what `items` have in common."""
        timed = [item for item in items if "environment" in item]
        environment = {
            key: value for key in _SHARED if (value := _common(i["environment"].get(key) for i in timed))
        }
        return cls(_common(item.get("packages") for item in timed), environment)

    def remove_from(self, item: Item) -> Item:
        """The item without what is shared or dropped."""
        if "environment" not in item:
            return item
        left_out = {*self.environment, *_DROPPED}
        own = {key: value for key, value in item["environment"].items() if key not in left_out}
        rest = {key: value for key, value in item.items() if self.packages is None or key != "packages"}
        return {**rest, "environment": own}

    def add_to(self, item: Item) -> Item:
        """The item with what is shared."""
        if "environment" not in item:
            return item
        packages = {} if self.packages is None else {"packages": self.packages}
        rest = {key: value for key, value in item.items() if key != "environment"}
        return {**rest, **packages, "environment": {**item["environment"], **self.environment}}


def write_packed(file: Path, study: dict[str, Any], items: FolderItems, groups: Sequence[str]) -> int:
    """Packs the finished items of a folder.

    Args:
      file: Path to write, atomically.
      study: JSON object of the study.
      items: Items to pack.
      groups: Groups to pack, in this order.

    Returns:
      The number of items.
    """
    found = {name: items[name] for group in groups for name in items.names(group)}
    shared = Shared.of(found.values())
    first = {"study": study, "packages": shared.packages, "environment": shared.environment}
    lines = [first, *({"name": name, **shared.remove_from(item)} for name, item in found.items())]
    texts = (json.dumps(line, ensure_ascii=False, allow_nan=False) for line in lines)
    files.write_text(file, "".join(f"{text}\n" for text in texts))
    return len(found)


def read_packed(file: Path) -> tuple[dict[str, Any], PackedItems]:
    """Reads a packed study.

    Returns:
      The JSON object of the study, and its items.

    Raises:
      ScaleNetError: If the file is no packed study, or a part of one.
    """
    try:
        text = file.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise ValueError("its last line is cut off")
        first, *rest = (json.loads(line) for line in text[:-1].split("\n"))
        shared = Shared(first["packages"], first["environment"])
        items = {line.pop("name"): shared.add_to(line) for line in rest}
        return first["study"], PackedItems(items)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScaleNetError(
            f"{str(file)!r} must be a whole file written by `pack`: JSON lines, the study first. Received: "
            f"{error}. Restore the file, or pack the study's folder again."
        ) from error


def _common(values: Iterable[Any]) -> Any:
    """The value that all have, else None."""
    first, *rest = [*values] or [None]
    return first if all(value == first for value in rest) else None
