"""A member's model card, from the run's files alone."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

from scalenet_tf.config.source import parse_source
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format, export_folder, exported_formats, folder_bytes, model_file
from scalenet_tf.run.family import read_member
from scalenet_tf.utils import files, formatting

_INPUTS = {
    Format.saved_model: "`serving_default` uint8 and `serving_float` float32 images of any size, "
    "`serving_bytes` JPEG or PNG strings",
    Format.litert: "float32 images at the network's size, 0 to 255",
    Format.litert_float16: "float32 images at the network's size, 0 to 255; weights stored in half precision",
    Format.onnx: "float32 images at the network's size, 0 to 255",
}


def write_card(run: Run, stage: int) -> Path:
    """Writes members/sN/model_card.md: use, data, results, cost, provenance, licence, limits.

    Args:
      run: A run that trained the member.
      stage: Its scaling stage.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    for function in (formatting.count, formatting.percent, formatting.memory, formatting.milliseconds):
        environment.filters[function.__name__] = function
    template = resources.files(__package__).joinpath("model_card.md.j2").read_text("utf-8")
    member = read_member(run, stage)
    kind, name = parse_source(run.config.data.source)
    metrics = files.read_json(run.member(stage) / "metrics.json")
    page = environment.from_string(template).render(
        member=member,
        memory=peak_memory(member.subnet),
        architecture=files.read_json(run.member(stage) / "architecture.json"),
        metrics=metrics,
        data=files.read_json(run.data_file),
        source={"kind": kind, "name": name if kind == "tfds" else ""},
        exports=[_export(run, stage, form, metrics["environment"]) for form in exported_formats(run, stage)],
    )
    return files.write_text(run.member(stage) / "model_card.md", page)


def _export(run: Run, stage: int, form: Format, environment: dict[str, Any]) -> dict[str, Any]:
    folder = export_folder(run, stage, form)
    parity = environment.get("formats", {}).get(str(form), {})
    if form is Format.saved_model:
        parity = environment.get("parity", {})
    return {
        "format": str(form),
        # A server takes the folder of a SavedModel; the other formats are one file.
        "path": (folder if form is Format.saved_model else model_file(folder, form)).relative_to(
            run.member(stage)
        ),
        "bytes": folder_bytes(folder),
        "difference": parity.get("largest_difference"),
        "inputs": _INPUTS[form],
    }
