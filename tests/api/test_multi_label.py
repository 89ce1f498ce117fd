"""The whole job on images with several labels each, from arrays to an export that names what it finds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import average_precision_score

import scalenet_tf as sn
from scalenet_tf import steps
from scalenet_tf.compress import compress_member
from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.config import Task, override_config
from scalenet_tf.data import open_data
from scalenet_tf.export.evaluation import evaluate_file
from scalenet_tf.members import evaluate_member, predict_member, train_member
from scalenet_tf.report.page import write_report
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import read_architecture
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.progress_rows import read_history, read_training_log
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.utils import files, tf_setup
from scalenet_tf.utils.tf_setup import determinism_restored
from tests.helpers.networks import TINY_SPACE
from tests.helpers.read_page import Page
from tests.helpers.resumed_recipes import killed_after_first_epoch
from tests.helpers.several_labels import NAMES, bright_corners

# Each looks at one whole run.
pytestmark = pytest.mark.slow

SETTINGS = {
    "task": "multi_label",
    "config": "smoke",
    "seed": 1,
    "ladder": {"stages": 1},
    "supernet": {"steps": 40, "learning_rate": 0.5},
    "search": {"rounds": 1, "population": 2, "validation_images": 40, "recalibration_images": 50},
    "scale": {"extra_stages": 0},
    "members": {"epochs": 3, "batch_size": 32},
    "verbose": False,
}


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> sn.TrainedFamily:
    folder = tmp_path_factory.mktemp("several")
    space = files.write_text(folder / "tiny.yaml", TINY_SPACE)
    test = bright_corners(60, seed=1)
    return sn.search_family(
        bright_corners(300), run=folder / "run", test_data=test, class_names=NAMES, space=space, **SETTINGS
    )  # type: ignore[arg-type]


def test_members_find_the_classes_of_images_that_they_have_not_seen(family: sn.TrainedFamily) -> None:
    images, labels = bright_corners(60, seed=1)
    for member in family:
        found = member.predict(images)
        assert found.shape == (60, 3) and not np.allclose(found.sum(axis=1), 1, atol=0.05)
        expected = average_precision_score(labels, found)
        assert expected > 0.8
        metrics = trained_metrics(family.run, member.row.stage)
        assert metrics.test_accuracy == pytest.approx(expected, abs=1e-6)
        assert metrics.class_average_precision == pytest.approx(
            average_precision_score(labels, found, average=None), abs=1e-6
        )
        assert metrics.confusion is None and metrics.class_accuracy is None and metrics.class_images is None


def test_evaluations_agree_in_memory_from_the_run_and_from_the_exported_file(
    family: sn.TrainedFamily,
) -> None:
    stated = trained_metrics(family.run, 0).test_accuracy
    ours = evaluate_member(family.run, 0)
    assert ours.accuracy == pytest.approx(stated, abs=1e-6) and ours.task is Task.multi_label
    assert "mean average precision" in ours.line("S0", "here", "test")
    assert family["s0"].evaluate(bright_corners(60, seed=1)).accuracy == pytest.approx(stated, abs=1e-6)
    assert evaluate_file(family.run, 0, "saved_model").accuracy == pytest.approx(stated, abs=1e-3)
    with pytest.raises(
        sn.ScaleNetError, match=r"must be multi-hot, of shape \[N, 3\].*Received: int64 \(4,\)"
    ):
        family["s0"].evaluate((bright_corners(4)[0], np.arange(4) % 3))


def test_the_saved_model_names_all_classes_and_those_that_are_present(
    family: sn.TrainedFamily, tmp_path: Path
) -> None:
    images, labels = bright_corners(60, seed=1)
    saved = family.run.member_files(0).saved_model
    answers = tf.saved_model.load(str(saved)).signatures["serving_default"](images=tf.constant(images))
    probabilities, ids = answers["probabilities"].numpy(), answers["class_ids"].numpy()
    assert ids.shape == (60, 3) and answers["present"].dtype == tf.bool
    np.testing.assert_allclose(probabilities, family["s0"].predict(images), atol=1e-4)
    ranked = np.take_along_axis(probabilities, ids, axis=1)
    np.testing.assert_array_equal(answers["present"].numpy(), ranked >= 0.5)
    row = int(np.argmax(labels.sum(axis=1)))
    (tmp_path / "one.png").write_bytes(tf.io.encode_png(images[row]).numpy())
    [found] = predict_member(family.run, 0, [tmp_path / "one.png"])
    assert set(found.labels) == set(NAMES) and len(found.probabilities) == 3
    assert found.present == tuple(
        label for label, p in zip(found.labels, found.probabilities, strict=True) if p >= 0.5
    )
    [short] = predict_member(family.run, 0, [tmp_path / "one.png"], top_k=1)
    assert short.labels == found.labels[:1] and short.present == found.present[:1]  # type: ignore[index]


def test_the_logs_and_the_page_speak_of_mean_average_precision(family: sn.TrainedFamily) -> None:
    log = read_training_log(family.run.supernet_log_file)
    assert all(0 <= row.accuracy <= 1 for row in log) and log[-1].loss < 0.7
    history = read_history(family.run.member_files(0).history)
    assert history[-1].val_accuracy == pytest.approx(
        trained_metrics(family.run, 0).validation_accuracy, abs=0.05
    )
    assert "test mAP" in str(family) and "mAP: the mean over the classes" in str(family)
    page = Page(write_report(family.run).path).text
    assert "Mean average precision against multiply-adds" in page and "validation mAP" in page
    assert "balanced" not in page and "Predictions of S" in page and "answers, in %" not in page
    card = family.run.member_files(0).card.read_text()
    assert "mean average precision" in card and "sigmoid" in card and "| left |" in card
    assert "accuracy" not in card


def test_the_run_continues_with_the_images_that_it_stores(family: sn.TrainedFamily) -> None:
    data = open_data(family.run)
    assert data.info.labels == NAMES and data.train.class_ids().shape[1] == 3
    again = sn.search_family(run=family.run.path, verbose=False)
    assert again.rows == family.rows
    with pytest.raises(sn.ScaleNetError, match=r"another configuration \(it differs in: task\)"):
        sn.search_family(run=family.run.path, task="single_label", verbose=False)


def test_a_taught_member_resumes_with_mixed_images(family: sn.TrainedFamily, tmp_path: Path) -> None:
    shutil.copytree(family.run.member_files(0).folder, tmp_path / "teachers" / "s0")
    recipe = [
        f"teacher={tmp_path}/teachers/s0",
        "mixup=0.2",
        "cutmix=1.0",
        "patience=9",
        "ema_decay=0.5",
        "epochs=2",
    ]
    config = override_config(family.run.config, [f"members.{key}" for key in recipe])
    runs = []
    for copy in ("whole", "resumed"):
        path = shutil.copytree(family.run.path, tmp_path / copy, ignore=shutil.ignore_patterns("s0"))
        files.write_text(path / "config.yaml", config.to_yaml())
        runs.append(Run.open(path))
    whole, resumed = runs
    with determinism_restored():
        tf_setup.setup(fast=False)
        train_member(whole, 0)
        killed_after_first_epoch(resumed)
        train_member(resumed, 0)
    first, second = (np.load(run.member_files(0).weights) for run in runs)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    metrics, again = (trained_metrics(run, 0) for run in runs)
    assert metrics.test_accuracy == again.test_accuracy > 0.6
    assert read_architecture(whole, 0).teacher == "s0"


def test_finalists_are_confirmed_by_mean_average_precision(family: sn.TrainedFamily, tmp_path: Path) -> None:
    path = shutil.copytree(family.run.path, tmp_path / "run", ignore=shutil.ignore_patterns("search", "s0"))
    config = override_config(family.run.config, ["search.confirm=2", "search.confirm_epochs=2"])
    files.write_text(path / "config.yaml", config.to_yaml())
    run = Run.open(path)
    steps.search(run)
    result = read_search_result(run)
    assert result is not None and result.chosen is not None
    assert all(value is not None and 0.5 < value <= 1 for value in result.chosen.confirmed)


@pytest.mark.parametrize("method", ["ptq-int8", "prune"])
def test_a_compressed_file_is_measured_by_mean_average_precision(
    family: sn.TrainedFamily, method: str
) -> None:
    found = compress_member(family.run, 0, method, CompressOptions(epochs=1)).metrics
    stated = trained_metrics(family.run, 0).test_accuracy
    assert found.plain.test_accuracy == pytest.approx(stated, abs=1e-3)
    assert found.test_accuracy > stated - 0.1
    again = evaluate_file(family.run, 0, method)
    assert again.accuracy == pytest.approx(found.test_accuracy, abs=1e-6) and again.task is Task.multi_label
