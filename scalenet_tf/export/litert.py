"""A Keras model as a LiteRT file."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from scalenet_tf.config import Task
from scalenet_tf.export.frozen import frozen_scorer
from scalenet_tf.utils import files
from scalenet_tf.utils.extras import require


def write_litert(
    model: keras.Model, file: Path, task: Task = Task.single_label, *, float16: bool = False
) -> None:
    """Writes a .tflite file: float32 `images` [N, side, side, C] in 0…255 to probabilities [N, classes].

    Args:
      model: Images in 0…255 to logits.
      file: To be written.
      task: Task of the network.
      float16: Store the weights in half the bytes; LiteRT computes with what they are rounded to.

    Raises:
      ScaleNetError: If the extra `export` is not installed.
    """
    require("ai_edge_litert.interpreter", "export", "the format litert")
    # Constants alone: a function that still holds variables is converted to a file without weights.
    function = frozen_scorer(model, task).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], tf.Module())
    if float16:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    files.write_bytes(file, converter.convert())
