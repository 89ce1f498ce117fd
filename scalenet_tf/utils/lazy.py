"""Names that a package imports from its modules when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Makes a package's `__getattr__` and `__dir__`, so that importing the package loads none of its modules.

    Args:
      package: Name of the package, its `__name__`.
      homes: Module of each public name, relative to the package; "" for a submodule itself.

    Returns:
      The functions to assign to `__getattr__` and `__dir__`.

    Example:
      >>> __getattr__, __dir__ = lazy_names(__name__, {"Run": "run"})
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if not homes[name]:
            return importlib.import_module(f"{package}.{name}")
        return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)

    return get, lambda: sorted(homes)
