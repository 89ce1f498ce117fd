"""Imports of packages that only an extra installs."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from scalenet_tf.errors import ScaleNetError


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports a module of an extra.

    Args:
      module: Full name of the module.
      extra: Extra that installs it.
      purpose: Feature that needs the module, as the subject of the error text.

    Raises:
      ScaleNetError: If the module is not installed; the text names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ScaleNetError(
            f"{purpose} needs the package {module.partition('.')[0]!r}, which is not installed. "
            f'Install it with: pip install "scalenet-tf[{extra}]"'
        ) from error


def serving_api(module: str) -> Any:
    """Imports a module of tensorflow-serving-api, which imports TensorFlow.

    Args:
      module: Name within the package, for example "apis.predict_pb2".

    Raises:
      ScaleNetError: If the extra `serving` is not installed.
    """
    return require(f"tensorflow_serving.{module}", "serving", "a message of TensorFlow Serving")
