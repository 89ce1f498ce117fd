"""Export formats, and the files of each format in a run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.extras import check_installed


class Format(StrEnum):
    """An export format; its value is its name on the command line."""

    saved_model = "saved_model"
    keras = "keras"
    litert = "litert"
    litert_float16 = "litert-float16"
    onnx = "onnx"


_FILES = {
    Format.saved_model: "saved_model.pb",
    Format.keras: "model.keras",
    Format.litert: "model.tflite",
    Format.litert_float16: "model.tflite",
    Format.onnx: "model.onnx",
}
# Packages of the extra `export`: the runtime of a format, and what writes it.
_LITERT, _ONNX = "ai_edge_litert", "onnxruntime"
_RUNTIMES = {Format.litert: _LITERT, Format.litert_float16: _LITERT, Format.onnx: _ONNX}
_WRITERS = {Format.onnx: ("onnx", "tf2onnx")}


def check_runtime(form: Format) -> None:
    """Checks that the runtime of a format is installed, without importing it.

    Raises:
      ScaleNetError: If it is not; the text names the extra.
    """
    if form in _RUNTIMES:
        check_installed(_RUNTIMES[form], "export", f"the format {form}")


def check_writer(form: Format) -> None:
    """Checks that the packages that write a format and check what was written are installed.

    Raises:
      ScaleNetError: If one is not; the text names the extra.
    """
    check_runtime(form)
    for package in _WRITERS.get(form, ()):
        check_installed(package, "export", f"the format {form}")


def export_folder(run: RunFolder, stage: int, format: Format) -> Path:
    """Returns the folder of an export, such as members/s0/litert/1. Exists once complete."""
    return run.member_files(stage).export(format)


def model_file(folder: Path, format: Format) -> Path:
    """Returns the model file in the folder of an export; for a SavedModel, saved_model.pb."""
    return folder / _FILES[format]


EXTRA_ASSETS = "assets.extra"  # TensorFlow Serving's folder for files that are no part of a model.


def folder_bytes(folder: Path) -> int:
    """Returns the size of an export on disk, in bytes, without the warm-up requests for a server."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sum(file.stat().st_size for file in files if file.relative_to(folder).parts[0] != EXTRA_ASSETS)
