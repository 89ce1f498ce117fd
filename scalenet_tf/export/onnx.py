"""A Keras model as an ONNX file, and its answers through ONNX Runtime."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras

from scalenet_tf.config import Task
from scalenet_tf.models.layer_precision import layers_in
from scalenet_tf.utils.extras import require

_PURPOSE = "the format onnx"


def write_onnx(model: keras.Model, file: Path, task: Task = Task.single_label) -> None:
    """Writes a .onnx file: float32 `images` [N, side, side, C] in 0…255 to probabilities [N, classes].

    Args:
      model: Images in 0…255 to logits.
      file: To be written.
      task: Task of the network.

    Raises:
      ScaleNetError: If the extra `export` is not installed.
    """
    for module in ("tf2onnx", "onnx", "onnxruntime"):
        require(module, "export", _PURPOSE)
    with layers_in("float32"):
        images = keras.Input(model.input_shape[1:], name="images")
        probabilities = keras.layers.Activation(task.activation, name="probabilities")(model(images))
        scorer = keras.Model(images, probabilities)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Named, so that the number of images stays open.
    signature = [keras.InputSpec(shape=(None, *model.input_shape[1:]), dtype="float32", name="images")]
    with warnings.catch_warnings():
        # Keras' patch of tf2onnx asks NumPy for a name that is to come.
        warnings.simplefilter("ignore", FutureWarning)
        scorer.export(str(file), format="onnx", verbose=False, input_signature=signature)
