"""The export of one member: SavedModel, parity check, latency."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import tensorflow as tf
from rich.console import Console

from scalenet_tf import files
from scalenet_tf.data import open_data
from scalenet_tf.export.latency import measure_latency
from scalenet_tf.export.parity import check_parity
from scalenet_tf.export.saved_model import write_saved_model
from scalenet_tf.members.evaluation import load_member
from scalenet_tf.run import Run


def export_member(run: Run, stage: int) -> Path:
    """Writes a trained member as the SavedModel members/sN/saved_model/1.

    The folder appears only when it is whole and answers as the Keras model does; metrics.json then
    gets the parity and the latency, under "environment".

    Args:
      run: A run that trained the member.
      stage: Its scaling stage.

    Returns:
      The folder, which tf.saved_model.load and TensorFlow Serving take; at once, where it is there.

    Raises:
      ScaleNetError: where the member is not trained, or the parity check fails.

    Example:
      >>> tf.saved_model.load(export_member(run, 0)).signatures["serving_default"]
    """
    folder = run.member(stage) / "saved_model" / "1"
    metrics_file = run.member(stage) / "metrics.json"
    if folder.is_dir() and "latency_ms" in files.read_json(metrics_file)["environment"]:
        return folder
    member = load_member(run, stage)
    data = open_data(run)

    measured = {}

    def fill(temporary: Path) -> None:
        write_saved_model(member.model, member.labels, temporary)
        loaded = tf.saved_model.load(str(temporary))
        measured["parity"] = asdict(check_parity(loaded, member.model, data))
        measured.update(measure_latency(loaded, data.info.image_size, data.info.channels))

    console = Console()
    with console.status(f"exporting s{stage}"):
        files.write_folder(folder, fill)
    metrics = files.read_json(metrics_file)
    metrics["environment"].update(measured)
    files.write_json(metrics_file, metrics)
    latency = measured["latency_ms"]
    console.print(
        f"s{stage} is exported: {latency['1']:.1f} ms an image, {latency['32']:.1f} ms for 32, {folder}",
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )
    return folder
