"""A .tflite file without what makes a small network large: names, and the same numbers again and again.

Of a network of 22,000 weights in int8, names are a twelfth, and zero points a quarter: every channel of
every kernel and bias has one, in eight bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scalenet_tf.utils.extras import require

_IDENTIFIER = b"TFL3"


def slim(content: bytes) -> bytes:
    """The same network; its inputs and outputs keep their names.

    Inner tensors are numbered, and equal lists of zero points stored once: readers follow offsets, so for
    them nothing has changed.
    """
    schema: Any = require("ai_edge_litert.schema_py_generated", "export", "LiteRT's files")
    flatbuffers: Any = require("flatbuffers", "export", "LiteRT's files")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for graph in model.subgraphs:
        outer = {*graph.inputs, *graph.outputs}
        for number, tensor in enumerate(graph.tensors):
            if number not in outer:
                tensor.name = str(number).encode()
    builder = _sharing(flatbuffers.Builder)(len(content))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _sharing(builder: Any) -> Any:
    """A kind of `builder` that stores equal int64 vectors once; zero points are the only ones in a file."""

    class Sharing(builder):
        def __init__(self, size: int) -> None:
            super().__init__(size)
            self._offsets: dict[bytes, int] = {}

        def CreateNumpyVector(self, x: np.ndarray) -> int:
            if x.dtype != np.int64:
                offset: int = super().CreateNumpyVector(x)
                return offset
            key = x.tobytes()
            if key not in self._offsets:
                self._offsets[key] = super().CreateNumpyVector(x)
            return self._offsets[key]

    return Sharing
