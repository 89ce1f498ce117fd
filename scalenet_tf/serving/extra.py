"""What the extra `serving` brings, or the command that installs it."""

from __future__ import annotations

from typing import Any

from scalenet_tf.extras import require


def serving_api(module: str) -> Any:
    """A module of tensorflow-serving-api, such as "apis.predict_pb2"; it imports TensorFlow.

    Raises:
      ScaleNetError: where the extra is not installed.
    """
    return require(f"tensorflow_serving.{module}", "serving", "a message of TensorFlow Serving")
