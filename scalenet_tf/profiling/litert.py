"""Runs and times .tflite files in LiteRT's interpreter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.errors import DamagedFileError, ScaleNetError, first_line
from scalenet_tf.utils.extras import require
from scalenet_tf.utils.timing import milliseconds


class Runner:
    """Runs a .tflite file with one input and one output on batches of any size.

    Args:
      content: Path or bytes of the file.
      threads: Number of threads of the interpreter.

    Raises:
      ScaleNetError: If LiteRT is not installed, or refuses the file.

    Example:
      >>> Runner(Path("model.tflite"))(images).argmax(axis=1)
    """

    def __init__(self, content: Path | bytes, *, threads: int = 1) -> None:
        model = content if isinstance(content, bytes) else content.read_bytes()
        runtime = require("ai_edge_litert.interpreter", "export", "LiteRT's interpreter")
        self.threads = threads
        self._name = "the .tflite file" if isinstance(content, bytes) else repr(str(content))
        with _refused(f"{self._name} cannot be loaded"):
            self._interpreter: Any = runtime.Interpreter(model_content=model, num_threads=threads)
        (self._input,), (self._output,) = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        self._batch: int | None = None

    @property
    def input_type(self) -> np.dtype[Any]:
        """Type of the images: float32 or uint8."""
        return np.dtype(self._input["dtype"])

    @property
    def input_scale(self) -> tuple[float, int]:
        """Scale and zero point of the input; (0, 0) if it is not quantised."""
        scale, zero = self._input["quantization"]
        return float(scale), int(zero)

    @property
    def tensor_types(self) -> dict[str, str]:
        """Type of every tensor, by name."""
        return {
            tensor["name"]: np.dtype(tensor["dtype"]).name
            for tensor in self._interpreter.get_tensor_details()
            if tensor["name"]
        }

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Runs the file on a batch.

        Args:
          images: [N, r, r, C] in 0…255; they are rounded if the file takes uint8.

        Returns:
          Its output, float32 [N, classes].

        Raises:
          ScaleNetError: If the file cannot be allocated or invoked.
        """
        if self.input_type == np.uint8:
            images = np.rint(np.clip(images, 0, 255))
        with _refused(f"{self._name} cannot be run"):
            self._allocate(len(images))
            self._interpreter.set_tensor(self._input["index"], images.astype(self.input_type))
            self._interpreter.invoke()
            return np.array(self._interpreter.get_tensor(self._output["index"]), np.float32)

    def milliseconds(self, images: np.ndarray) -> float:
        """Wall milliseconds of one call, without copying the images."""
        self(images)
        return milliseconds(self._interpreter.invoke)

    def _allocate(self, batch: int) -> None:
        if batch != self._batch:
            shape = [batch, *self._input["shape"][1:]]
            self._interpreter.resize_tensor_input(self._input["index"], shape)
            self._interpreter.allocate_tensors()
            self._batch = batch


class _refused:
    """Converts errors of the interpreter to a ScaleNetError."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, RuntimeError | ValueError) and not isinstance(error, ScaleNetError):
            raise DamagedFileError(f"{self._what} by LiteRT's interpreter: {first_line(error)}") from error
