"""The state of a member's training as one file: weights, optimizer, and how far it is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from scalenet_tf import files
from scalenet_tf.members.weights import assign, npz


@dataclass(frozen=True)
class Progress:
    """How far a training is: finished epochs, a row of results for each, and wall seconds."""

    history: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        return len(self.history)


def save_state(path: Path, model: keras.Model, progress: Progress) -> None:
    """Writes weights, optimizer and progress as one file: a kill leaves the old or the new state."""
    text = json.dumps({"history": progress.history, "seconds": progress.seconds})
    arrays = {name: variable.value.numpy() for name, variable in _state(model).items()}
    files.write_bytes(path, npz({**arrays, "progress": np.array(text)}))


def load_state(path: Path, model: keras.Model) -> Progress:
    """Fills a compiled model, its optimizer included, and returns how far the training is."""
    with np.load(path) as arrays:
        assign(_state(model), arrays, path)
        progress = json.loads(arrays["progress"].item())
    return Progress(tuple(progress["history"]), progress["seconds"])


def _state(model: keras.Model) -> dict[str, keras.Variable]:
    weights = {f"model/{variable.path}": variable for variable in model.variables}
    # By position: the names of an optimizer's slots need not be unique.
    slots = {f"optimizer/{index}": variable for index, variable in enumerate(model.optimizer.variables)}
    return {**weights, **slots}
