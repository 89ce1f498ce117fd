"""Each format's runtime, as a server or an app would call it: images in, probabilities out.

A process loads one of them alone, so that its memory is that of this runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.profiling.litert import Runner
from scalenet_tf.run.exports import Format
from scalenet_tf.utils.extras import require

# Of images [N, side, side, C], uint8; the call returns when the answer is there.
Call = Callable[[], object]
Prepare = Callable[[np.ndarray], Call]


def load(form: Format, model: Path, threads: int) -> Prepare:
    """Loads an exported model.

    Args:
      form: Its format.
      model: The folder of a SavedModel, the file of another format.
      threads: That its runtime may use; TensorFlow reads them from its environment variables.

    Returns:
      What takes images and makes the call that is timed.
    """
    if form is Format.saved_model:
        return _saved_model(model)
    if form is Format.onnx:
        return _onnx(model, threads)
    return _litert(model, threads)


def _saved_model(folder: Path) -> Prepare:
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    # A session and the names of its tensors: what TensorFlow Serving itself does.
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default():
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folder))
    signature = loaded.signature_def["serving_default"]
    [given] = signature.inputs.values()
    call = session.make_callable([answer.name for answer in signature.outputs.values()], [given.name])
    dtype = tf.as_dtype(given.dtype).as_numpy_dtype

    def prepare(images: np.ndarray) -> Call:
        sent = images.astype(dtype)
        return lambda: call(sent)

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
    """Answers of an .onnx file, in batches of any size."""

    def __init__(self, file: Path):
        runtime = _onnxruntime()
        self._session = runtime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        [given] = self._session.get_inputs()
        probabilities: np.ndarray = self._session.run(None, {given.name: images})[0]
        return probabilities


def _onnxruntime() -> Any:
    return require("onnxruntime", "export", "the format onnx")
