"""Real trainings of finalists: pure functions of subnet and stage, and their count of images."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.data import open_data
from scalenet_tf.errors import DivergedError
from scalenet_tf.members.confirmation import FinalistTraining, short_plan
from scalenet_tf.members.plan import Plan
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.run import Run
from scalenet_tf.sampling import draw_subnet
from tests.helpers.stored import member_of
from tests.helpers.tiny_training import new_run

SMALL = ("members.batch_size=100", "members.epoch_images=200", "search.confirm=2")


def training_of(run: Run) -> FinalistTraining:
    data = open_data(run)
    return FinalistTraining(run, data, SuperSupernet(run.space(), run.config.seed))


@pytest.mark.slow
def test_an_accuracy_depends_on_nothing_that_was_trained_before(tmp_path: Path) -> None:
    run = new_run(tmp_path / "supernet", *SMALL, "search.confirm_epochs=1")
    training = training_of(run)
    first, second = (draw_subnet(run.space(), 0, step).subnet for step in (0, 1))
    assert first != second
    training.accuracy(first, 0)
    found = training.accuracy(second, 0)
    assert 0 < found < 1 and 1000 * found == pytest.approx(round(1000 * found))
    assert training_of(run).accuracy(second, 0) == found
    other = new_run(tmp_path / "scratch", *SMALL, "search.confirm_epochs=1", "search.confirm_start=scratch")
    assert training_of(other).accuracy(second, 0) != found


def test_images_are_those_of_all_epochs_and_evaluations(tmp_path: Path) -> None:
    run = new_run(
        tmp_path,
        *SMALL,
        "search.confirm_epochs=3",
        "search.recalibration_images=250",
        "search.batch_size=100",
    )
    # Three epochs of two batches; 200 images of recalibration, whole batches alone, and four validations.
    images = training_of(run).images(1)
    assert (images.trained, images.evaluated) == (600, 200 + 4 * 1000)
    other = new_run(tmp_path / "scratch", *SMALL, "search.confirm_start=scratch")
    assert (training_of(other).images(0).trained, training_of(other).images(0).evaluated) == (400, 3 * 1000)


def test_the_plan_is_that_of_the_members_with_another_length(tmp_path: Path) -> None:
    changed = ("members.learning_rate=0.3", "members.scratch_learning_rate=0.7", "members.patience=1")
    run = new_run(tmp_path, *SMALL, *changed, "search.confirm_epochs=4")
    members, search = run.config.members, run.config.search
    space = run.space()
    member = Plan.of(member_of(draw_subnet(space, 0, 0).subnet, origin="search"), members, space)
    recipe, data = member.recipe.model_copy(update={"patience": None}), open_data(run)
    assert short_plan(members, search, 0, data) == Plan(recipe, True, 4, 0.3)
    scratch = search.model_copy(update={"confirm_start": "scratch"})
    assert short_plan(members, scratch, 0, data) == Plan(recipe, False, 4, 0.7)


def test_a_warm_up_and_an_average_longer_than_the_training_are_shortened(tmp_path: Path) -> None:
    # Four epochs of two batches are eight updates.
    run = new_run(tmp_path, *SMALL, "search.confirm_epochs=4", "members.scratch_epochs=40")
    data = open_data(run)

    def found(**changes: object) -> tuple[float, float]:
        members = run.config.members.model_copy(update={"epochs": 10, **changes})
        recipe = short_plan(members, run.config.search, 0, data).recipe
        return recipe.warmup_epochs, recipe.ema_decay

    assert found(warmup_epochs=3.5, ema_decay=0.75) == (3.5, 0.75)
    assert found(warmup_epochs=4.0, ema_decay=0.875) == (1.6, 0.875)
    assert found(warmup_epochs=5.0, ema_decay=0.9) == (2.0, 0.0)
    assert found(warmup_epochs=5.0, ema_decay=0.75, gradient_accumulation_steps=4) == (2.0, 0.0)
    # Members that keep their inherited weights have an epoch from scratch to compare with.
    assert found(warmup_epochs=5.0, epochs=0) == (0.5, 0.0)
    # A member whose own rate only rises is trained as it is.
    assert found(warmup_epochs=5.0, epochs=2) == (5.0, 0.0)


def test_a_training_that_diverges_says_so_and_its_digest_tells_the_recipe(tmp_path: Path) -> None:
    run = new_run(tmp_path, *SMALL, "members.learning_rate=1e30", "members.clip_norm=1e30")
    training = training_of(run)
    subnet = draw_subnet(run.space(), 0, 0).subnet
    with pytest.raises(DivergedError, match=f"the training of finalist {subnet.key[:8]} at S0 diverged"):
        training.accuracy(subnet, 0)
    assert training.digest == training_of(run).digest
    other = new_run(tmp_path / "other", *SMALL, "members.learning_rate=0.1")
    assert training_of(other).digest != training.digest
