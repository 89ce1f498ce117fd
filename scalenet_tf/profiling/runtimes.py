"""The runtime of each export format, called as a server or an app would: images in, probabilities out.

A process loads only one of them, so that its memory is that of this runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.profiling.litert import Runner
from scalenet_tf.run.exports import Format
from scalenet_tf.utils.extras import require

# Takes images, uint8 [N, side, side, C], and returns the call on them, which waits for its output.
Call = Callable[[], object]
Prepare = Callable[[np.ndarray], Call]


def load(form: Format, model: Path, threads: int) -> Prepare:
    """Loads an exported model.

    Args:
      form: Format of the export.
      model: Folder of a SavedModel, or file of another format.
      threads: Number of threads of the runtime; TensorFlow reads it from environment variables instead.

    Returns:
      A function from images to the call that is timed.
    """
    if form is Format.saved_model:
        return _saved_model(model)
    if form is Format.keras:
        return _keras(model)
    if form is Format.onnx:
        return _onnx(model, threads)
    return _litert(model, threads)


def _saved_model(folder: Path) -> Prepare:
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    # TensorFlow Serving itself uses a session and the names of its tensors.
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default():
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
    signature = loaded.signature_def["serving_default"]
    [given] = signature.inputs.values()
    call = session.make_callable([output.name for output in signature.outputs.values()], [given.name])
    dtype = tf.as_dtype(given.dtype).as_numpy_dtype

    def prepare(images: np.ndarray) -> Call:
        sent = images.astype(dtype)
        return lambda: call(sent)

    return prepare


def _keras(file: Path) -> Prepare:
    import keras
    import tensorflow as tf

    model = keras.models.load_model(file, compile=False)
    answer = tf.function(lambda images: model(images, training=False))

    def prepare(images: np.ndarray) -> Call:
        sent = tf.constant(images, tf.float32)
        return lambda: answer(sent).numpy()

    return prepare


def _litert(file: Path, threads: int) -> Prepare:
    runner = Runner(file, threads=threads)

    def prepare(images: np.ndarray) -> Call:
        sent = images.astype(runner.input_type)
        return lambda: runner(sent)

    return prepare


def _onnx(file: Path, threads: int) -> Prepare:
    runtime = _onnxruntime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    session = runtime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()

    def prepare(images: np.ndarray) -> Call:
        sent = images.astype(np.float32)
        return lambda: session.run(None, {given.name: sent})

    return prepare


class OnnxScorer:
    """Runs an .onnx file on batches of any size: float32 [N, r, r, C] to probabilities [N, classes]."""

    def __init__(self, file: Path):
        runtime = _onnxruntime()
        self._session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        [given] = self._session.get_inputs()
        probabilities: np.ndarray = self._session.run(None, {given.name: images})[0]
        return probabilities


def _onnxruntime() -> Any:
    return require("onnxruntime", "export", "the format onnx")
