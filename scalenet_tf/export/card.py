"""A member's model card, from the run's files alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from scalenet_tf.config import Task
from scalenet_tf.config.source import parse_source
from scalenet_tf.costs.memory import peak_memory
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.data_info import colour_in_words, sizes_in_words
from scalenet_tf.run.export_digests import exported_formats
from scalenet_tf.run.exports import Format, export_folder, folder_bytes, model_file
from scalenet_tf.run.family import read_member
from scalenet_tf.run.metrics import MemberEnvironment, Parity, trained_metrics
from scalenet_tf.utils import files, formatting
from scalenet_tf.utils.printable import markdown, markdown_code

_INPUTS = {
    Format.saved_model: "`serving_default` uint8 and `serving_float` float32 images of any size, "
    "`serving_bytes` JPEG or PNG strings; probabilities",
    Format.keras: "float32 images at the network's size, 0 to 255; logits, for `keras.models.load_model`",
    Format.litert: "float32 images at the network's size, 0 to 255; probabilities",
    Format.litert_float16: "float32 images at the network's size, 0 to 255; probabilities; weights stored in "
    "half precision",
    Format.onnx: "float32 images at the network's size, 0 to 255; probabilities",
}
_SHAPES = {
    "crop": "of an image that is not square, the square in the middle is taken",
    "pad": "an image that is not square is padded to a square with the background",
    "squeeze": "an image that is not square is squeezed into a square",
}


def write_card(run: Run, stage: int) -> Path:
    """Writes members/sN/model_card.md: use, data, results, cost, provenance, licence, limits.

    Args:
      run: A run that trained the member.
      stage: Scaling stage of the member, from 0.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    for function in (formatting.count, formatting.percent, formatting.memory, formatting.milliseconds):
        environment.filters[function.__name__] = function
    environment.filters |= {"markdown": markdown, "code": markdown_code}
    template = resources.files(__package__).joinpath("model_card.md.j2").read_text("utf-8")
    member, metrics = read_member(run, stage), trained_metrics(run, stage)
    kind, name = parse_source(run.config.data.source)
    page = environment.from_string(template).render(
        member=member,
        colour=colour_in_words(member.subnet.channels),
        shape=_SHAPES[run.config.data.fit],
        sizes=sizes_in_words(run.data_info()),
        memory=peak_memory(member.subnet),
        metrics=metrics,
        teacher=read_architecture(run, stage).teacher,
        data=run.data_info(),
        task=run.config.task,
        classes=list(zip(run.data_info().labels, metrics.class_average_precision or (), strict=False)),
        several=run.config.task is Task.multi_label,
        source={"kind": kind, "name": name if kind == "tfds" else ""},
        exports=[_export(run, stage, form, metrics.environment) for form in exported_formats(run, stage)],
    )
    return files.write_text(run.member_files(stage).card, page)


@dataclass(frozen=True)
class _Export:
    """A row of the card's table of files; `difference` is None where it was not recorded."""

    format: str
    path: Path
    bytes: int
    difference: float | None
    inputs: str


def _export(run: Run, stage: int, form: Format, environment: MemberEnvironment) -> _Export:
    folder = export_folder(run, stage, form)
    formats: Mapping[str, Parity] = environment.formats or {}
    parity = environment.parity if form is Format.saved_model else formats.get(str(form))
    # A server takes the folder of a SavedModel; the other formats are one file.
    path = folder if form is Format.saved_model else model_file(folder, form)
    return _Export(
        format=str(form),
        path=path.relative_to(run.member(stage)),
        bytes=folder_bytes(folder),
        difference=parity.largest_difference if parity else None,
        inputs=_INPUTS[form],
    )
