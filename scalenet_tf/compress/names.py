"""A .tflite file whose inner tensors are numbered: names are a twelfth of a small network in int8."""

from __future__ import annotations

from typing import Any

from scalenet_tf.extras import require

_IDENTIFIER = b"TFL3"


def without_names(content: bytes) -> bytes:
    """The same network; its inputs and outputs keep their names."""
    schema: Any = require("ai_edge_litert.schema_py_generated", "export", "LiteRT's files")
    flatbuffers: Any = require("flatbuffers", "export", "LiteRT's files")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    for graph in model.subgraphs:
        outer = {*graph.inputs, *graph.outputs}
        for number, tensor in enumerate(graph.tensors):
            if number not in outer:
                tensor.name = str(number).encode()
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())
