"""The formats that a member is exported in, and where each lies in a run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from scalenet_tf.run.layout import RunFolder


class Format(StrEnum):
    """A format, by the name that the command line takes."""

    saved_model = "saved_model"
    litert = "litert"
    litert_float16 = "litert-float16"
    onnx = "onnx"


_FILES = {
    Format.saved_model: "saved_model.pb",
    Format.litert: "model.tflite",
    Format.litert_float16: "model.tflite",
    Format.onnx: "model.onnx",
}


def export_folder(run: RunFolder, stage: int, format: Format) -> Path:
    """The folder of an export, such as members/s0/litert/1; it is there when it is whole."""
    return run.member_files(stage).export(format)


def model_file(folder: Path, format: Format) -> Path:
    """The file in a folder of that format that a runtime is given; of a SavedModel, the graph."""
    return folder / _FILES[format]


def exported_formats(run: RunFolder, stage: int) -> list[Format]:
    """The formats in which a member is exported."""
    return [form for form in Format if model_file(export_folder(run, stage, form), form).is_file()]


def folder_bytes(folder: Path) -> int:
    """The size of an export on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
