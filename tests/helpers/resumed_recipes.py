"""Trains s0 of a run by rich recipes, each once in one go and once stopped and resumed: equal to the bit.

Operations are deterministic in this process, which a test starts for that.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import keras

from scalenet_tf.config import override_config
from scalenet_tf.members import MemberTraining, evaluate_member, fit, train_member
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member
from scalenet_tf.run.member_files import MemberFiles
from scalenet_tf.utils import files, tf_setup

CHANGED = ["rand_augment=2", "erase_probability=0.5", "mixup=0.2", "cutmix=1.0"]
DROPPED = ["dropout=0.3", "stochastic_depth=0.5"]
# Three batches an epoch, two an update: gradients are left over at the ends of epochs.
RECIPES = {
    "averaged": ["ema_decay=0.8", "gradient_accumulation_steps=2", *DROPPED, *CHANGED],
    "stopped_early": [
        "scratch_epochs=4",
        "patience=1",
        "min_delta=0.9",
        "ema_decay=0.5",
        "optimizer=adamw",
        *DROPPED,
    ],
    "float16": [
        "precision=mixed_float16",
        "ema_decay=0.5",
        "gradient_accumulation_steps=2",
        "optimizer=rmsprop",
    ],
    "taught": [
        "teacher=TEACHER",
        "teacher_weight=0.9",
        "ema_decay=0.5",
        "gradient_accumulation_steps=2",
        *DROPPED,
        *CHANGED,
    ],
}


def save_teacher(run: Run) -> str:
    """Saves a network with random weights, and returns the path."""
    subnet = read_member(run, 0).subnet
    model = build_model(subnet.model_copy(update={"resolution": 14, "head_width": 40}))
    initialize(model, 5, 0)
    path = run.path.parent / "teacher.keras"
    model.save(path)
    return str(path)


def own_training() -> MemberTraining:
    """Random layers with generators of their own, an own loss and metric, and callbacks that look."""
    flip, turn = keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1)
    return MemberTraining(
        callbacks=[keras.callbacks.History()],
        loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True),
        metrics=[keras.metrics.TopKCategoricalAccuracy(3, name="top3")],
        augmentation=keras.Sequential([flip, turn]),
    )


class Killed(BaseException):
    pass


def killed_after_first_epoch(run: Run, own: MemberTraining | None = None) -> None:
    """The state is written and what comes after it is not, as a kill may leave them."""
    write, rows = fit.write_history, []

    def dying(written: MemberFiles, progress: fit.Progress) -> None:
        rows.append(progress.epochs)
        if progress.epochs == 1:
            raise Killed
        write(written, progress)

    fit.write_history = dying
    try:
        train_member(run, 0, own)
    except Killed:
        assert rows == [0, 1]
    finally:
        fit.write_history = write


def check(given: Run, name: str, keys: list[str], own: MemberTraining | None = None) -> None:
    length = ["batch_size=100", "epoch_images=300", "scratch_epochs=2", "scratch_learning_rate=0.02"]
    config = override_config(given.config, [f"members.{key}" for key in (*length, *keys)])
    runs = []
    for copy in ("whole", "resumed"):
        path = Path(shutil.copytree(given.path, given.path.parent / name / copy))
        files.write_text(path / "config.yaml", config.to_yaml())
        runs.append(Run.open(path))
    whole, resumed = runs
    train_member(whole, 0, own)
    killed_after_first_epoch(resumed, own)
    assert not (resumed.member(0) / "metrics.json").exists()
    train_member(resumed, 0, own)
    for file in ("weights.npz", "history.jsonl", "architecture.json"):
        first, second = ((run.member(0) / file).read_bytes() for run in runs)
        assert first == second, (name, file)
    metrics = files.read_json(whole.member(0) / "metrics.json")
    assert metrics["epochs"] == 2
    assert abs(evaluate_member(whole, 0).accuracy - metrics["test_accuracy"]) < 1e-6
    print(name, metrics["test_accuracy"])


if __name__ == "__main__":
    tf_setup.setup(fast=False)
    given = Run.open(sys.argv[1])
    teacher = save_teacher(given)
    for recipe, switches in RECIPES.items():
        check(given, recipe, [switch.replace("TEACHER", teacher) for switch in switches])
    check(given, "own", [*DROPPED, *CHANGED], own_training())
