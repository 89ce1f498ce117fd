"""Imports of packages that only an extra installs."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from scalenet_tf.errors import ScaleNetError, first_line


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports a module of an extra.

    Args:
      module: Full name of the module.
      extra: Extra that installs it.
      purpose: Feature that needs the module, as the subject of the error text.

    Raises:
      ScaleNetError: If the module is not installed, whose text names the extra, or cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if _is_installed(package := module.partition(".")[0]):
            raise ScaleNetError(
                f"{purpose} needs the package {package!r}, which is installed but cannot be imported "
                f'({first_line(error)}). Install it anew with: pip install --force-reinstall "{package}"'
            ) from error
        raise _missing(module, extra, purpose) from error


def check_installed(module: str, extra: str, purpose: str) -> None:
    """Checks that a module of an extra is installed, without importing it, so that nothing begins without it.

    Args:
      module: Name of the package.
      extra: Extra that installs it.
      purpose: Feature that needs the module, as the subject of the error text.

    Raises:
      ScaleNetError: If the module is not installed; the text names the extra.
    """
    if not _is_installed(module):
        raise _missing(module, extra, purpose)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a name that is None in sys.modules
        return False


def _missing(module: str, extra: str, purpose: str) -> ScaleNetError:
    return ScaleNetError(
        f"{purpose} needs the package {module.partition('.')[0]!r}, which is not installed. "
        f'Install it with: pip install "scalenet-tf[{extra}]"'
    )


def serving_api(module: str) -> Any:
    """Imports a module of tensorflow-serving-api, which imports TensorFlow.

    Args:
      module: Name within the package, for example "apis.predict_pb2".

    Raises:
      ScaleNetError: If the extra `serving` is not installed.
    """
    return require(f"tensorflow_serving.{module}", "serving", "a message of TensorFlow Serving")


def check_serving_api(purpose: str) -> None:
    """Checks that the extra `serving` is installed, without importing TensorFlow; see `check_installed`."""
    check_installed("tensorflow_serving", "serving", purpose)
