"""Calls of `search_family` that are interrupted before anything is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import scalenet_tf as sn
from scalenet_tf.api.job import search_family
from scalenet_tf.run import Run
from tests.helpers.image_sets import random_images


class Interrupt(sn.RunCallback):
    """Ctrl-C as the first step begins: the run is then set up and nothing is trained."""

    def on_step_begin(self, step: str) -> None:
        raise KeyboardInterrupt


def pairs(count: int, seed: int = 0, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return random_images(count, channels=channels, seed=seed), np.arange(count) % 3


def set_up(data: object, run: Path, **arguments: object) -> Run:
    """The run that a call leaves which is interrupted before its training."""
    with pytest.raises(KeyboardInterrupt):
        search_family(
            data,  # type: ignore[arg-type]
            run=run,
            config="smoke",
            verbose=False,
            callbacks=[Interrupt()],
            **arguments,  # type: ignore[arg-type]
        )
    return Run.open(run)
