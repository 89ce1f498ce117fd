"""A Keras model as a LiteRT file, and its answers through LiteRT's own interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf import files
from scalenet_tf.export.frozen import frozen_scorer
from scalenet_tf.extras import require

_PURPOSE = "the format litert"


def write_litert(model: keras.Model, file: Path, *, float16: bool = False) -> None:
    """Writes a .tflite file: float32 `images` [N, side, side, C] in 0…255 to probabilities [N, classes].

    Args:
      model: Images in 0…255 to logits.
      file: To be written.
      float16: Store the weights in half the bytes; LiteRT computes with what they are rounded to.

    Raises:
      ScaleNetError: where the extra `export` is not installed.
    """
    require("ai_edge_litert.interpreter", "export", _PURPOSE)
    # Constants alone: a function that still holds variables is converted to a file without weights.
    function = frozen_scorer(model).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    if float16:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    files.write_bytes(file, converter.convert())


class LiteRTScorer:
    """Answers of a .tflite file, in batches of any size."""

    def __init__(self, file: Path):
        interpreter = require("ai_edge_litert.interpreter", "export", _PURPOSE)
        self._interpreter: Any = interpreter.Interpreter(str(file), num_threads=1)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        [given], [answer] = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._interpreter.resize_tensor_input(given["index"], images.shape)
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(given["index"], images)
        self._interpreter.invoke()
        probabilities: np.ndarray = self._interpreter.get_tensor(answer["index"])
        return probabilities
