"""A teacher's answers against its Keras model, where they are kept, and how they reach a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import AugmentationConfig, Recipe, load_config
from scalenet_tf.data import open_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members.answers import Lesson, make_lesson
from scalenet_tf.members.inputs import recipe_changes, training_pairs
from scalenet_tf.members.teacher import Teacher, teacher_at
from scalenet_tf.run import Run
from tests.helpers.several_labels import write_labelled_folder
from tests.helpers.teaching import knowing_model, places_run, write_places

PLAIN = AugmentationConfig(flip=False, shift=0, erase=0)
RECIPE = Recipe(teacher_temperature=3.0, batch_size=8)


def run_with(path: Path, *keys: str) -> Run:
    images = write_places(path / "images", 12)
    return places_run(path / "run", load_config("smoke"), images, ["data.augmentation.flip=false", *keys])


def teacher(model: keras.Model, digest: str = "d") -> Teacher:
    return Teacher("net", digest, None, lambda: model)


def unloadable() -> NoReturn:
    raise AssertionError("loaded")


def pairs(run: Run, lesson: Lesson | None, recipe: Recipe = RECIPE) -> list[Sequence[np.ndarray]]:
    changes = recipe_changes(recipe, seed=2)
    batches = training_pairs(
        open_data(run), recipe, PLAIN, changes, seed=2, epoch=1, resolution=36, lesson=lesson
    )
    return list(batches.as_numpy_iterator())


@pytest.mark.parametrize("gigabytes", [1.0, 0.0])
def test_targets_are_the_labels_beside_what_the_model_answers(tmp_path: Path, gigabytes: float) -> None:
    run, model = run_with(tmp_path, f"data.cache_gigabytes={gigabytes}"), knowing_model()
    lesson = make_lesson(run, open_data(run), teacher(model), RECIPE)
    untaught = pairs(run, None)
    assert len(untaught) == 3
    for (images, labels), (again, targets) in zip(untaught, pairs(run, lesson), strict=True):
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(labels, targets[:, :3])
        expected = tf.nn.softmax(model.predict_on_batch(images) / 3.0)
        np.testing.assert_allclose(targets[:, 3:], expected, atol=1e-6)
        np.testing.assert_array_equal(targets[:, 3:].argmax(1), labels.argmax(1))


def test_with_flips_an_answer_is_the_mean_over_both_views(tmp_path: Path) -> None:
    run, model = run_with(tmp_path, "data.augmentation.flip=true"), knowing_model()
    lesson = make_lesson(run, open_data(run), teacher(model), RECIPE)
    for images, targets in pairs(run, lesson):
        views = [tf.nn.softmax(model.predict_on_batch(v) / 3.0) for v in (images, images[:, :, ::-1])]
        np.testing.assert_allclose(targets[:, 3:], np.mean(views, axis=0), atol=1e-6)
        assert not np.allclose(views[0], views[1], atol=0.1)


def test_a_model_that_ends_in_softmax_answers_alike(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    # Logits that are not so far apart that a probability is rounded to 0.
    logits, probabilities = (
        make_lesson(
            run, open_data(run), teacher(knowing_model(softmax=s, contrast=0.01), f"{s}"), RECIPE
        ).answers
        for s in (False, True)
    )
    np.testing.assert_allclose(logits, probabilities, atol=1e-5)


def test_few_logits_that_look_like_probabilities_of_several_labels_are_logits(tmp_path: Path) -> None:
    folder = write_labelled_folder(tmp_path / "images", 90)
    keys = ["task=multi_label", "search.batch_size=2", "data.augmentation.flip=false"]
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", [f"data.source=folder:{folder}", *keys]))
    data = open_data(run)
    layers = [keras.layers.GlobalAveragePooling2D(), keras.layers.Rescaling(-0.05, 3.0)]
    # Of a dark image, one without labels, all logits lie in 0 to 1.
    model = keras.Sequential(
        [keras.Input((12, 12, 1)), *layers, keras.layers.Dense(3, kernel_initializer="ones")]
    )
    lesson = make_lesson(run, data, teacher(model), RECIPE)
    [(images, _)] = data.evaluation_batches("train", resolution=12, batch_size=data.train.count)
    logits = model.predict_on_batch(images)
    dark = ((logits >= 0) & (logits <= 1)).all(axis=1)
    assert any(dark[begin : begin + 2].all() for begin in range(2, len(dark), 2)) and not dark[:2].all()
    np.testing.assert_allclose(lesson.answers, tf.nn.sigmoid(logits / 3.0), atol=1e-6)


@pytest.mark.parametrize("switch", ["mixup", "cutmix"])
def test_mixing_mixes_labels_and_answers_alike(tmp_path: Path, switch: str) -> None:
    run = run_with(tmp_path)
    data = open_data(run)
    labels = data.train.class_ids()
    softened = (0.7 * np.eye(3)[labels] + 0.1).astype(np.float32)
    recipe = RECIPE.model_copy(update={switch: 1.0})
    mixed = np.concatenate(
        [targets for _, targets in pairs(run, Lesson(data.numbered(), labels, softened), recipe)]
    )
    assert np.any((mixed[:, :3] > 0.01) & (mixed[:, :3] < 0.99))
    np.testing.assert_allclose(mixed[:, 3:], 0.7 * mixed[:, :3] + 0.1, atol=1e-6)


def test_answers_are_computed_once_for_a_teacher_and_a_temperature(tmp_path: Path) -> None:
    run, model = run_with(tmp_path), knowing_model()
    data = open_data(run)
    first = make_lesson(run, data, teacher(model), RECIPE)
    again = make_lesson(run, data, Teacher("net", "d", None, unloadable), RECIPE)
    assert isinstance(again.answers, np.memmap)
    np.testing.assert_array_equal(first.answers, again.answers)
    [kept] = (run.members / "teachers").iterdir()
    for digest, recipe in (("other", RECIPE), ("d", RECIPE.model_copy(update={"teacher_temperature": 1.0}))):
        with pytest.raises(AssertionError, match="loaded"):
            make_lesson(run, data, Teacher("net", digest, None, unloadable), recipe)
    assert list((run.members / "teachers").iterdir()) == [kept]  # what failed left nothing
    np.save(kept, np.zeros((3, 3)))
    with pytest.raises(ScaleNetError, match=r"must hold the answers to \d+ images of 3 .*\(3, 3\)\. Remove"):
        make_lesson(run, data, teacher(model), RECIPE)


def test_a_teacher_that_does_not_fit_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = run_with(tmp_path)
    data = open_data(run)
    for shape, classes in (((36, 36, 3), 3), ((36, 36, 1), 4), ((36, 20, 1), 3)):
        given = keras.Input(shape)
        model = keras.Model(given, keras.layers.Dense(classes)(keras.layers.Flatten()(given)))
        text = (
            r"must be a network from square images \[N, S, S, 1\] .* logits \[N, 3\].*Received: 'net', from"
        )
        with pytest.raises(ScaleNetError, match=text):
            make_lesson(run, data, teacher(model), RECIPE)
    named = Teacher("net", "d", ("left", "right", "middle"), unloadable)
    with pytest.raises(ScaleNetError, match=r"must have been trained on the labels of the data"):
        make_lesson(run, data, named, RECIPE)
    with caplog.at_level("WARNING", "scalenet_tf"):
        make_lesson(run, data, teacher(knowing_model(contrast=-0.05)), RECIPE)
    assert "teaches little: it labels 0.0%" in caplog.text


def test_a_path_must_be_that_of_a_network(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.keras", tmp_path / "folder", tmp_path):
        with pytest.raises(ScaleNetError, match=r"`members.teacher` must be the path .* which is neither"):
            teacher_at(path)
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(ScaleNetError, match=r"must be a model that Keras can load.*text\.keras"):
        teacher_at(tmp_path / "text.keras").load()


def test_a_saved_model_is_known_by_its_file(tmp_path: Path) -> None:
    model = knowing_model()
    model.save(tmp_path / "net.keras")
    found = teacher_at(tmp_path / "net.keras")
    assert found.name == "net" and len(found.digest) == 16
    images = np.random.default_rng(0).uniform(0, 255, (4, 36, 36, 1)).astype("float32")
    np.testing.assert_array_equal(found.load().predict_on_batch(images), model.predict_on_batch(images))
