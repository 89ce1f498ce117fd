"""Members that learn from a teacher: what they learn, what is recorded, and what is refused."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf import steps
from scalenet_tf.config import load_config, override_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import evaluate_member, train_member
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.utils import files
from tests.helpers.resumed_recipes import killed_after_first_epoch
from tests.helpers.stored import write_members
from tests.helpers.teaching import knowing_model, places_run, write_places

LEARNING = (
    "members.start=scratch",
    "members.scratch_epochs=8",
    "members.batch_size=16",
    "members.epoch_images=null",
    "members.scratch_learning_rate=0.1",
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    knowing_model().save(tmp_path / "net.keras")
    return tmp_path / "net.keras"


def wrongly_labelled(path: Path, *keys: str) -> Run:
    """Images that are each in the folder of the next class."""
    images = write_places(path / "images", 40, off_by=1)
    return places_run(path / "run", load_config("smoke"), images, [*LEARNING, *keys])


def with_changes(run: Run, *keys: str) -> Run:
    files.write_text(run.config_file, override_config(run.config, keys).to_yaml())
    return Run.open(run.path)


@pytest.mark.slow
def test_by_the_answers_alone_a_member_learns_what_the_teacher_says(
    tmp_path: Path, saved: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keys = [f"members.teacher={saved}", "members.teacher_weight=1", "members.teacher_temperature=1"]
    run = wrongly_labelled(tmp_path, *keys, "data.augmentation.flip=false")
    with caplog.at_level(logging.WARNING, "scalenet_tf"):
        train_member(run, 0)
    assert "net teaches little: it labels 0.0% of the training images as given" in caplog.text
    # The answer to an image in the folder of its next class is its own class.
    confusion = np.array(trained_metrics(run, 0).confusion)
    assert np.trace(np.roll(confusion, 1, axis=1)) > 0.9 * confusion.sum()
    assert evaluate_member(run, 0).accuracy < 0.1
    architecture, digests = read_architecture(run, 0), trained_metrics(run, 0).provenance.digests
    assert architecture.teacher == "net"
    assert len(digests["teacher"]) == 16 == len(digests["recipe"])
    assert str(saved) not in run.member_files(0).metrics.read_text()


@pytest.mark.slow
def test_another_teacher_does_not_go_on_with_the_training(tmp_path: Path, saved: Path) -> None:
    run = wrongly_labelled(tmp_path, f"members.teacher={saved}", "members.scratch_epochs=2")
    killed_after_first_epoch(run)
    knowing_model(contrast=0.1).save(saved)
    with pytest.raises(ScaleNetError, match=r"was started with another teacher than 'net' is now.*away to"):
        train_member(run, 0)
    with pytest.raises(ScaleNetError, match=r"started with another recipe \(it differs in: teacher\)"):
        train_member(with_changes(run, "members.teacher=none"), 0)


@pytest.fixture
def two_members(scratch_run: Run) -> Run:
    """A run whose member s1 teaches s0."""
    [member] = scratch_run.family().members
    write_members(scratch_run, member, member.model_copy(update={"name": "s1", "stage": 1}))
    return with_changes(scratch_run, "members.teacher=largest", "members.scratch_epochs=1")


def test_a_member_is_not_trained_before_its_teacher(two_members: Run) -> None:
    run = two_members
    command = f"scalenet retrain --run {run.path} --stage 1 --stage 0"
    with pytest.raises(ScaleNetError, match=rf"s0 learns from s1, which is not trained yet.*{command}"):
        train_member(run, 0)
    assert not run.member(0).exists()


@pytest.mark.slow
def test_the_largest_learns_from_labels_and_teaches_the_others(two_members: Run) -> None:
    run = two_members
    steps.retrain(run, [0, 1])
    assert read_architecture(run, 1).teacher is None and read_architecture(run, 0).teacher == "s1"
    taught, own = (trained_metrics(run, stage).provenance.digests for stage in (0, 1))
    assert taught["teacher"] == own["weights"] and "teacher" not in own
    assert [file.name.startswith("s1-") for file in (run.members / "teachers").iterdir()] == [True]


def test_a_recipe_of_earlier_versions_has_no_teacher(trained_run: Run) -> None:
    file = trained_run.member_files(0).architecture
    files.write_json(file, {**files.read_json(file), "recipe": {"epochs": 3}})
    architecture = read_architecture(trained_run, 0)
    assert architecture.recipe is not None and "teacher" in architecture.recipe.model_fields_set
    assert architecture.recipe.teacher == "none" and architecture.teacher is None
