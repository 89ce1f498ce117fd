"""A member taken to other images and other classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from scalenet_tf import steps
from scalenet_tf.config import MembersConfig, override_config, recipe_of
from scalenet_tf.data import load_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.export.card import write_card
from scalenet_tf.job import do_steps
from scalenet_tf.members import MemberTraining, evaluate_member, transfer_member
from scalenet_tf.members.evaluation import load_member, new_data_config
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.members.own_parts import identity_of
from scalenet_tf.members.transfer import _without_teacher
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import save_weights
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.config_file import write_config_file
from scalenet_tf.run.family import read_member
from scalenet_tf.run.given_objects import read_own_parts
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.own_parts import OwnPart, OwnParts
from scalenet_tf.run.states import step_states
from scalenet_tf.utils import files
from scalenet_tf.utils.tf_setup import determinism_restored
from scalenet_tf.utils.value_file import write_value
from tests.helpers.several_labels import NAMES, write_labelled_folder
from tests.helpers.stored import write_results

SHORT = (
    "members.epochs=2",
    "members.batch_size=16",
    "members.epoch_images=null",
    "members.learning_rate=0.05",
)


@pytest.fixture
def trained(scratch_run: Run) -> Run:
    """A run whose member has random weights, as if they were trained."""
    subnet = read_member(scratch_run, 0).subnet
    model = build_model(subnet)
    initialize(model, 5, 0)
    save_weights(scratch_run.member(0) / "weights.npz", model)
    write_results(scratch_run, 0)
    return scratch_run


def pictures(folder: Path, channels: int = 1) -> str:
    """Three classes of 30 images, told apart by where they are bright."""
    rng = np.random.default_rng(0)
    for index, label in enumerate(("left", "middle", "right")):
        (folder / label).mkdir(parents=True)
        for number in range(30):
            image = rng.integers(0, 90, (36, 36, channels), np.uint8)
            image[:, 12 * index : 12 * index + 12] += 150
            (folder / label / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    return f"folder:{folder}"


@pytest.mark.slow
@pytest.mark.parametrize("start", ["supernet", "scratch"])
def test_wherever_it_came_from_a_member_keeps_its_weights(trained: Run, tmp_path: Path, start: str) -> None:
    data = pictures(tmp_path / "pictures")
    frozen = (
        "members.epochs=1",
        "members.batch_size=16",
        "members.learning_rate=1e-9",
        f"members.start={start}",
    )
    transfer_member(trained, 0, data, tmp_path / "new", frozen)
    before = {weight.path: weight.numpy() for weight in load_member(trained, 0).model.trainable_weights}
    for weight in load_member(Run.open(tmp_path / "new"), 0).model.trainable_weights:
        if not weight.path.startswith("classifier/"):
            np.testing.assert_allclose(weight, before[weight.path], atol=1e-4)


class SeesDeterminism(keras.callbacks.Callback):
    """Keeps whether operations are deterministic in a training."""

    found: bool | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.found = config.is_op_determinism_enabled()


def test_a_member_goes_on_with_other_classes(
    trained: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data, seen = pictures(tmp_path / "pictures"), SeesDeterminism()
    before = config.is_op_determinism_enabled()
    write_value(trained.own_parts_file, OwnParts(loss=OwnPart(name="mine.Loss", digest="0" * 16)))
    own = MemberTraining(callbacks=[seen])
    result = transfer_member(trained, 0, data, tmp_path / "new", SHORT, own)
    assert "was trained with mine.Loss, which the transfer does not use" in caplog.text
    assert seen.found and config.is_op_determinism_enabled() == before
    new = Run.open(tmp_path / "new")
    member, before = load_member(new, 0), load_member(trained, 0)
    assert member.labels == ("left", "middle", "right") and member.model.output_shape == (None, 3)
    with np.load(new.member_files(0).initial_weights) as initial:
        for weight in before.model.weights:
            if not weight.path.startswith("classifier/"):
                np.testing.assert_array_equal(initial[weight.path], weight)
        assert initial["classifier/kernel"].shape[-1] == 3
    assert read_member(new, 0).origin == "transferred"
    assert list(step_states(new)) == ["retrain", "export", "report"]
    card = write_card(new, 0).read_text()
    assert "its weights were trained there first" in card and "extrapolated" not in card
    assert len((new.member(0) / "history.jsonl").read_text().splitlines()) == 2
    evaluation = evaluate_member(new, 0)
    assert evaluation.accuracy == pytest.approx(result.test_accuracy) and evaluation.images == 9
    assert np.sum(files.read_json(result.folder / "metrics.json")["confusion"]) == 9
    written = (result.folder / "weights.npz").stat().st_mtime_ns
    assert transfer_member(trained, 0, data, tmp_path / "new", SHORT) == result
    assert (result.folder / "weights.npz").stat().st_mtime_ns == written


def test_a_transferred_run_has_no_super_supernet_to_train(trained: Run, tmp_path: Path) -> None:
    once, seen = (*SHORT, "members.epochs=1", "fast=true", "tracking=tensorboard"), SeesDeterminism()
    own = MemberTraining(callbacks=[seen], loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True))
    with determinism_restored():
        config.disable_op_determinism()
        transfer_member(trained, 0, pictures(tmp_path / "pictures"), tmp_path / "new", once, own)
    assert seen.found is False
    new = Run.open(tmp_path / "new")
    assert read_own_parts(new) == identity_of(own)
    assert len(list((new.member(0) / "tensorboard").glob("events*"))) == 1
    text = r"has no super-supernet to train or to search\. .*scalenet run"
    for step in (steps.train, steps.search):
        with pytest.raises(ScaleNetError, match=text):
            step(new)
    with determinism_restored():
        done = [step.name for step in do_steps(new, {"export": lambda run, callbacks: None})]
    assert done == ["retrain", "export", "report"]
    assert not new.supernet.exists() and new.report_file.is_file()


def test_images_of_other_channels_are_converted(trained: Run, tmp_path: Path) -> None:
    images = new_data_config(trained, pictures(tmp_path / "colour", channels=3))
    info = load_data(images, 0).info
    assert info.channels == 1 == trained.data_info().channels
    assert info.stored is not None and info.stored.grey == 0


def test_all_of_the_new_images_are_read(trained: Run, tmp_path: Path) -> None:
    """However few of its own the first run trained on."""
    write_config_file(trained, override_config(trained.config, ["data.train_images=40"]))
    run = Run.open(trained.path)
    config = new_data_config(run, pictures(tmp_path / "pictures"))
    assert run.config.data.train_images == 40 and config.train_images is None
    assert load_data(config, 0).info.counts["train"] > 40


def test_other_work_is_not_written_over(trained: Run, tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"was created with another configuration"):
        transfer_member(trained, 0, pictures(tmp_path / "pictures"), trained.path)


def test_what_cannot_be_trained_begins_no_work(trained: Run, tmp_path: Path) -> None:
    data, output = pictures(tmp_path / "pictures"), tmp_path / "new"
    for setting, text in (
        (
            "members.batch_size=500",
            r"`members.batch_size` must be at most the 72 .* members.batch_size=32$",
        ),
        ("members.teacher=s3", r"`members\.teacher` of s0 must be a member of the family, s0\. .*'s3'"),
        ("members.teacher=/none.keras", r"`members\.teacher` must be the path of"),
    ):
        with pytest.raises(ScaleNetError, match=text):
            transfer_member(trained, 0, data, output, [*SHORT, setting])
        assert not output.exists()
    own = MemberTraining(loss=keras.losses.CategoricalFocalCrossentropy())
    with pytest.raises(ScaleNetError, match=r"`member_training.loss` must take logits"):
        transfer_member(trained, 0, data, output, SHORT, own)
    assert not output.exists()


def test_the_teacher_of_a_recipe_file_is_left_out_too(tmp_path: Path) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("label_smoothing: 0.2\nteacher: s4\nstages: [{dropout: 0.1}, {dropout: 0.3}]")
    own = _without_teacher(MembersConfig(recipe=str(recipe), weight_decay=0.5), 1)
    found = recipe_of(own, 1)
    assert (found.teacher, found.label_smoothing, found.dropout, found.weight_decay) == (
        "none",
        0.2,
        0.3,
        0.5,
    )
    kept = MembersConfig(recipe="regularized", teacher="largest")
    assert _without_teacher(kept, 1) == kept.model_copy(update={"teacher": "none"})


@pytest.mark.slow
def test_a_transferred_member_teaches_on_the_new_images(trained: Run, tmp_path: Path) -> None:
    taught = override_config(trained.config, ["members.teacher=largest"])
    files.write_text(trained.config_file, taught.to_yaml())
    trained = Run.open(trained.path)
    data = pictures(tmp_path / "pictures")
    transfer_member(trained, 0, data, tmp_path / "first", SHORT)
    first = Run.open(tmp_path / "first")
    assert first.config.members.teacher == "none" and read_architecture(first, 0).teacher is None
    named = f"members.teacher={first.member(0)}"
    transfer_member(trained, 0, data, tmp_path / "second", [*SHORT, named])
    second = Run.open(tmp_path / "second")
    digests = [trained_metrics(run, 0).provenance.digests for run in (first, second)]
    assert digests[1]["teacher"] == digests[0]["weights"] != digests[1]["weights"]
    with pytest.raises(ScaleNetError, match=r"must have been trained on the labels of the data, \['left'"):
        transfer_member(
            trained, 0, data, tmp_path / "third", [*SHORT, f"members.teacher={trained.member(0)}"]
        )


@pytest.mark.slow
def test_a_member_of_one_label_goes_on_with_several(trained: Run, tmp_path: Path) -> None:
    folder = write_labelled_folder(tmp_path / "several", 90)
    transfer_member(trained, 0, f"folder:{folder}", tmp_path / "new", (*SHORT, "task=multi_label"))
    new = Run.open(tmp_path / "new")
    member = load_member(new, 0)
    assert set(member.labels) == set(NAMES) and member.model.output_shape == (None, 3)
    metrics = trained_metrics(new, 0)
    assert metrics.class_average_precision is not None and metrics.confusion is None
    with np.load(new.member_files(0).initial_weights) as initial:
        stem = next(weight for weight in load_member(trained, 0).model.weights if "stem" in weight.path)
        np.testing.assert_array_equal(initial[stem.path], stem)
