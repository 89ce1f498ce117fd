"""The state of a member's training in one file: weights, optimizer and progress."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from scalenet_tf.errors import DamagedFileError, first_line
from scalenet_tf.models.weights import assign
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.utils import files
from scalenet_tf.utils.npz import pack, read_npz

_BEST = "best/"


@dataclass(frozen=True)
class TrainingProgress:
    """Progress of a training.

    Attributes:
      history: One row of results for each finished epoch.
      seconds: Wall seconds of these epochs.
      best: Weights of the best epoch by path, if training may stop early.
    """

    history: tuple[EpochRow, ...] = ()
    seconds: float = 0.0
    best: Mapping[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)

    @property
    def epochs(self) -> int:
        return len(self.history)

    @property
    def accuracies(self) -> list[float]:
        """Validation accuracy of each epoch."""
        return [row.val_accuracy for row in self.history]


def save_state(path: Path, model: keras.Model, progress: TrainingProgress) -> None:
    """Writes weights, optimizer and progress to one file; a kill leaves the old or the new state."""
    history = [row.model_dump() for row in progress.history]
    text = json.dumps({"history": history, "seconds": progress.seconds})
    arrays = {name: variable.value.numpy() for name, variable in state_of(model).items()}
    best = {f"{_BEST}{name}": array for name, array in progress.best.items()}
    files.write_bytes(path, pack({**arrays, **best, "progress": np.array(text)}))


def load_state(path: Path, model: keras.Model) -> TrainingProgress:
    """Fills a compiled model and its optimizer, and returns the progress.

    Raises:
      ScaleNetError: If the file is damaged, or belongs to another network.
    """
    advice = "Put it back, or remove it to train the member from its beginning."
    arrays = read_npz(path, advice)
    try:
        progress = files.parse_json(arrays["progress"].item())
        history = tuple(map(EpochRow.model_validate, progress["history"]))
        seconds = float(progress["seconds"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedFileError(f"{str(path)!r} is damaged ({first_line(error)}). {advice}") from error
    assign(state_of(model), arrays, path)
    best = {name.removeprefix(_BEST): array for name, array in arrays.items() if name.startswith(_BEST)}
    return TrainingProgress(history, seconds, best)


def state_of(model: keras.Model) -> dict[str, keras.Variable]:
    weights = {f"model/{variable.path}": variable for variable in model.weights}
    own = {id(variable) for variable in model.weights}
    # By position: Keras numbers seed generators across the process, and optimizer slots need no names.
    seeds = [variable for variable in model.variables if id(variable) not in own]
    positions = {"seed": seeds, "optimizer": model.optimizer.variables}
    return weights | {
        f"{kind}/{index}": variable
        for kind, variables in positions.items()
        for index, variable in enumerate(variables)
    }
