"""A Keras model as an ONNX file, and its answers through ONNX Runtime."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras
import numpy as np

from scalenet_tf.extras import require

_PURPOSE = "the format onnx"


def write_onnx(model: keras.Model, file: Path) -> None:
    """Writes a .onnx file: float32 `images` [N, side, side, C] in 0…255 to probabilities [N, classes].

    Args:
      model: Images in 0…255 to logits.
      file: To be written.

    Raises:
      ScaleNetError: where the extra `export` is not installed.
    """
    for module in ("tf2onnx", "onnx", "onnxruntime"):
        require(module, "export", _PURPOSE)
    images = keras.Input(model.input_shape[1:], name="images")
    probabilities = keras.layers.Softmax(name="probabilities")(model(images))
    file.parent.mkdir(parents=True, exist_ok=True)
    # Named, so that the number of images stays open.
    signature = [keras.InputSpec(shape=(None, *model.input_shape[1:]), dtype="float32", name="images")]
    scorer = keras.Model(images, probabilities)
    with warnings.catch_warnings():
        # Keras' patch of tf2onnx asks NumPy for a name that is to come.
        warnings.simplefilter("ignore", FutureWarning)
        scorer.export(str(file), format="onnx", verbose=False, input_signature=signature)


class OnnxScorer:
    """Answers of an .onnx file, in batches of any size."""

    def __init__(self, file: Path):
        runtime = require("onnxruntime", "export", _PURPOSE)
        self._session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        [given] = self._session.get_inputs()
        probabilities: np.ndarray = self._session.run(None, {given.name: images})[0]
        return probabilities
