"""The finished items of a study: files in a folder while it runs, lines of one file once it is packed."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scalenet_tf.costs.device import cpu_model
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.provenance import environment, git_commit, package_versions
from scalenet_tf.utils import files

Item = dict[str, Any]


def read_object(file: Path) -> dict[str, Any]:
    """Reads a JSON object.

    Raises:
      ScaleNetError: If the file is torn.
    """
    try:
        content: dict[str, Any] = files.read_json(file)
    except json.JSONDecodeError as error:
        raise ScaleNetError(
            f"{file} must hold a whole JSON object. Received: {error}. Delete the file, then continue "
            "the study."
        ) from error
    return content


class Items(ABC):
    """Finished items by name, "group/name" such as "members/0af3-0"."""

    @abstractmethod
    def __contains__(self, name: str) -> bool:
        """Whether the item is finished."""

    @abstractmethod
    def get(self, name: str) -> Item | None:
        """The item's JSON object, or None if the item is not finished."""

    @abstractmethod
    def names(self, group: str) -> list[str]:
        """Names of the finished items of a group, sorted."""

    def __getitem__(self, name: str) -> Item:
        """The item's JSON object. Raises KeyError if the item is not finished."""
        item = self.get(name)
        if item is None:
            raise KeyError(name)
        return item

    def get_all(self, names: list[str]) -> list[Item] | None:
        """The items' JSON objects, or None unless all of them are finished."""
        return [self[name] for name in names] if all(name in self for name in names) else None


class FolderItems(Items):
    """Items as files FOLDER/GROUP/NAME.json, each written atomically: a killed process leaves no torn item.

    Args:
      folder: Folder of the study. Groups that do not exist yet have no items.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __contains__(self, name: str) -> bool:
        return self._file(name).is_file()

    def get(self, name: str) -> Item | None:
        file = self._file(name)
        return read_object(file) if file.is_file() else None

    def names(self, group: str) -> list[str]:
        return sorted(f"{group}/{file.stem}" for file in (self.folder / group).glob("*.json"))

    def write(self, name: str, item: Item) -> None:
        """Writes a finished item."""
        files.write_json(self._file(name), item)

    def record(self, name: str, make: Callable[[], Item]) -> Item:
        """Makes an item and writes it with the commit, package versions, processor and seconds that it took.

        Returns:
          The item as written.
        """
        begun, cpu_begun = time.monotonic(), time.process_time()
        result = make()
        seconds, cpu_seconds = time.monotonic() - begun, time.process_time() - cpu_begun
        made = environment(seconds, cpu_seconds=cpu_seconds, cpu=cpu_model(), git_commit=git_commit())
        item = {**result, "packages": package_versions(), "environment": made}
        self.write(name, item)
        return item

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class PackedItems(Items):
    """Items of a packed study, read-only.

    Args:
      items: JSON objects by name.
    """

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._items = dict(items)

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def get(self, name: str) -> Item | None:
        return self._items.get(name)

    def names(self, group: str) -> list[str]:
        return sorted(name for name in self._items if name.startswith(f"{group}/"))
