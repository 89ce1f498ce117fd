"""Signatures of a SavedModel that take images, read from its file as the server reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from scalenet_tf.errors import DamagedFileError, InvalidInputError, first_line

PREDICT = "tensorflow/serving/predict"


@dataclass(frozen=True)
class ImageInput:
    """The only input of a signature: images [N, H, W, C], or encoded images [N].

    Attributes:
      name: Name of the input.
      dtype: uint8, float32, or string for encoded images.
      channels: Number of channels; None for encoded images.
    """

    name: str
    dtype: tf.DType
    channels: int | None

    def batch(self, images: np.ndarray) -> np.ndarray:
        """Converts uint8 images [N, H, W, C] to this input's type, or encodes them as PNG."""
        if self.dtype == tf.string:
            return np.array([tf.io.encode_png(image).numpy() for image in images], object)
        return images.astype(self.dtype.as_numpy_dtype)


def read_signatures(folder: Path) -> dict[str, SignatureDef]:
    """Reads the SignatureDefs for predictions, by name.

    Args:
      folder: Folder of the SavedModel.

    Raises:
      ScaleNetError: If the folder is not a complete SavedModel.
    """
    file = folder / "saved_model.pb"
    if not file.is_file():
        raise InvalidInputError(
            f"a SavedModel must be a folder that holds saved_model.pb. Received: {str(folder)!r}. "
            "Export a member with: scalenet export --run RUN"
        )
    saved = saved_model_pb2.SavedModel()
    try:
        saved.ParseFromString(file.read_bytes())
    except DecodeError as error:
        raise DamagedFileError(
            f"{str(file)!r} is not a complete SavedModel ({first_line(error)}). Export it again."
        ) from error
    return {
        name: signature
        for graph in saved.meta_graphs
        if "serve" in graph.meta_info_def.tags
        for name, signature in sorted(graph.signature_def.items())
        if signature.method_name == PREDICT
    }


def image_inputs(folder: Path) -> dict[str, ImageInput]:
    """Returns the image input of each signature whose only input it is, by the name of the signature.

    Args:
      folder: Folder of the SavedModel.

    Raises:
      ScaleNetError: If there is no such signature.
    """
    found = {}
    for name, signature in read_signatures(folder).items():
        if len(signature.inputs) == 1:
            ((key, info),) = signature.inputs.items()
            dtype, shape = tf.as_dtype(info.dtype), tf.TensorShape(info.tensor_shape)
            if dtype == tf.string and shape.rank == 1:
                found[name] = ImageInput(key, dtype, None)
            elif dtype in (tf.uint8, tf.float32) and shape.rank == 4:
                found[name] = ImageInput(key, dtype, shape[3])
    if not found:
        raise InvalidInputError(
            f"the SavedModel {str(folder)!r} has no signature that takes images. Give one that "
            "scalenet export wrote."
        )
    return found
