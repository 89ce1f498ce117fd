"""What the extra `serving` brings, or the command that installs it."""

from __future__ import annotations

import importlib
from typing import Any

from scalenet_tf.errors import ScaleNetError


def serving_api(module: str) -> Any:
    """A module of tensorflow-serving-api, such as "apis.predict_pb2"; it imports TensorFlow.

    Raises:
      ScaleNetError: where the extra is not installed.
    """
    try:
        return importlib.import_module(f"tensorflow_serving.{module}")
    except ModuleNotFoundError as error:
        raise ScaleNetError(
            "TensorFlow Serving's messages come with the extra `serving`, which is not installed. "
            'Install it with: pip install "scalenet-tf[serving]"'
        ) from error
