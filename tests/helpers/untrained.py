"""Exported members of networks that were not trained."""

from __future__ import annotations

import shutil
from pathlib import Path

from scalenet_tf.export.saved_model import write_saved_model
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member


def export(run: Run, stage: int, seed: int) -> Path:
    """Writes a member's SavedModel with the weights that a seed draws."""
    model = build_model(read_member(run, stage).subnet)
    initialize(model, seed, stage)
    folder = run.member(stage) / "saved_model" / "1"
    shutil.rmtree(folder, ignore_errors=True)
    write_saved_model(model, [f"class {number}" for number in range(10)], folder)
    return folder
