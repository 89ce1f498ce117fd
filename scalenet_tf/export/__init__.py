"""Export of members as SavedModels that need only TensorFlow, as LiteRT and as ONNX files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.export.evaluation import evaluate_file as evaluate_file
    from scalenet_tf.export.step import export_member as export_member

_HOMES = {
    "evaluate_file": "evaluation",
    "export_member": "step",
}
__all__ = ["evaluate_file", "export_member"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
