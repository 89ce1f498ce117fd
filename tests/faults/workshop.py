"""`Workshop`: the folder of the attempts, with one tiny finished run that every class of faults copies."""

from __future__ import annotations

import random
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

from scalenet_tf.config import load_config
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.utils import files
from tests.helpers.networks import TINY_SPACE

KEYS = (
    *("supernet.steps=4", "supernet.checkpoint_steps=2", "supernet.log_steps=2", "supernet.warmup_steps=1"),
    *("search.rounds=1", "search.population=4", "scale.extra_stages=0"),
    *("members.epochs=1", "members.epoch_images=128"),
)


@dataclass(frozen=True)
class Workshop:
    """Where attempts are made.

    Attributes:
      folder: Folder of the tiny run, its copies, and the results.
      seed: Seed of everything random.
      small: Whether to try only a part, for the suite.
      given: A run with an exported member to copy, instead of the tiny finished run.
    """

    folder: Path
    seed: int = 0
    small: bool = False
    given: Path | None = None

    def rng(self, key: str) -> random.Random:
        """Returns the generator of an attempt, which depends on the seed and its key alone."""
        return random.Random(f"{self.seed} {key}")

    @cached_property
    def run(self) -> Path:
        """A finished run: one member is trained and exported, with its state before the end. Read only."""
        if self.given is not None:
            return self.given
        path = self.folder / "run"
        if not (self.folder / "made").is_file():
            _make(path, self.folder / "tiny.yaml")
            files.write_text(self.folder / "made", "")
        return path

    @cached_property
    def image(self) -> Path:
        """An image to predict."""
        import numpy as np
        import tensorflow as tf

        pixels = np.random.default_rng(0).integers(0, 256, (28, 28, 1), np.uint8)
        return files.write_bytes(self.folder / "image.png", tf.io.encode_png(pixels).numpy())

    def copy(self) -> Path:
        """Returns a new copy of the run, in the place of the last one: an attempt may damage it."""
        path = self.folder / "copy"
        shutil.rmtree(path, ignore_errors=True)
        return shutil.copytree(self.run, path)


def _make(path: Path, space_file: Path) -> None:
    from scalenet_tf import steps
    from scalenet_tf.compress import compress_member
    from scalenet_tf.members import training
    from scalenet_tf.training.checkpoint import Checkpoints, Position
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    files.write_text(space_file, TINY_SPACE)
    run = Run.open_or_create(path, load_config("smoke", [f"space={space_file}", *KEYS]))
    # Stopped after half of the steps, for a training that is to be resumed.
    save = Checkpoints.save

    def save_and_stop(checkpoints: Checkpoints, position: Position, milestone: bool) -> None:
        save(checkpoints, position, milestone)
        if position.step == 2:
            shutil.copytree(run.supernet, path.parent / "half")
            raise KeyboardInterrupt

    with patch.object(Checkpoints, "save", save_and_stop), suppress(KeyboardInterrupt):
        steps.train(run)
    for step in (steps.train, steps.search, steps.scale):
        step(run)
    member = run.member_files(0)
    kept = path.parent / "state.npz"
    # Stopped between the last epoch and the results, for a member that is to be resumed.
    finish, training._finish = training._finish, _stop
    try:
        steps.retrain(run, [0], jobs=1)
    except KeyboardInterrupt:
        shutil.copy(member.state, kept)
    finally:
        training._finish = finish
    steps.retrain(run, [0], jobs=1)
    steps.export(run, [0], [Format.saved_model, Format.litert])
    compress_member(run, 0, "ptq-float16")
    shutil.copy(kept, member.state)


def _stop(*unused: object) -> None:
    raise KeyboardInterrupt


def say(text: str) -> None:
    """Prints a line of progress, past the streams that a command may have."""
    print(text, file=sys.__stdout__, flush=True)
