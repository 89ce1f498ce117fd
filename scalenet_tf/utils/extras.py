"""Packages that only an extra installs."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

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


def serving_api(module: str) -> Any:
    """A module of tensorflow-serving-api, such as "apis.predict_pb2"; it imports TensorFlow.

    Raises:
      ScaleNetError: where the extra is not installed.
    """
    return require(f"tensorflow_serving.{module}", "serving", "a message of TensorFlow Serving")
