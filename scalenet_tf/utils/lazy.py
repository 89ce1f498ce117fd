"""Names that a package imports from its modules when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from scalenet_tf.utils.quiet_import import quiet_import


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
        with quiet_import():
            module = importlib.import_module(f"{package}.{homes[name] or name}")
        return getattr(module, name) if homes[name] else module

    return get, lambda: sorted(homes)
