"""Packages that only an extra installs."""

from __future__ import annotations

import importlib
from types import ModuleType

from scalenet_tf.errors import ScaleNetError


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports a module of an extra.

    Raises:
      ScaleNetError: where it is not installed, naming the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ScaleNetError(
            f"{purpose} needs the package {module.partition('.')[0]!r}, which is not installed. "
            f'Install it with: pip install "scalenet-tf[{extra}]"'
        ) from error
