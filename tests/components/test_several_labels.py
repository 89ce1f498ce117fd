"""The gates of a pipeline on images with several labels each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import average_precision_score

from components.evaluator.accuracy import measure
from components.evaluator.executor import evaluate, faults
from components.example_gen.executor import generate
from components.example_validator.executor import validate
from components.infra_validator.probe import probe
from scalenet_tf.config import DataConfig, Task
from scalenet_tf.data import DataSet, load_data, load_new_data
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.export.saved_model import write_saved_model
from scalenet_tf.members.initial_weights import initialize
from scalenet_tf.models.plain import build_model
from scalenet_tf.run.evaluation import Accuracy, Thresholds
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files
from tests.helpers.networks import TINY_SUBNET
from tests.helpers.several_labels import write_labelled_folder

# In another order than that of the data.
LABELS = ("right", "below", "left")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("several")
    config = f"task: multi_label\ndata: {{source: 'folder:{write_labelled_folder(root / 'images', 90)}'}}"
    outcome = generate(examples=str(root / "examples"), config=config, shards=2)
    assert outcome.metadata["task"] == "multi_label" and outcome.metadata["classes"] == 3
    return str(root / "examples")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[Task, str]:
    """An untrained network as a SavedModel of each task."""
    root = tmp_path_factory.mktemp("served")
    model = build_model(Subnet.model_validate({**TINY_SUBNET.model_dump(), "classes": 3}))
    initialize(model, seed=1, stage=0)
    for task in Task:
        write_saved_model(model, LABELS, root / task, task=task)
    return {task: str(root / task) for task in Task}


def opened(examples: str, task: Task = Task.multi_label) -> DataSet:
    return load_new_data(DataConfig(source=f"tfrecord:{examples}"), task)


def test_records_hold_all_labels_and_the_validator_counts_images(examples: str, tmp_path: Path) -> None:
    data = load_data(DataConfig(source=f"tfrecord:{examples}"), 0, Task.multi_label)
    assert data.info.labels == ("below", "left", "right")
    labels = data.train.class_ids()
    assert (labels.sum(axis=1) > 1).any() and (labels.sum(axis=1) == 0).any()
    found = validate(examples=examples, anomalies=str(tmp_path / "anomalies"))
    assert found.metrics["images_train"] == data.info.counts["train"] == len(labels)
    stated = files.read_json(tmp_path / "anomalies" / "anomalies.json")
    assert stated["classes"]["train"] == dict(zip(data.info.labels, labels.sum(axis=0).tolist(), strict=True))
    with pytest.raises(InvalidInputError, match="small class: train has fewer than 60 images of below"):
        validate(examples=examples, anomalies=str(tmp_path / "again"), smallest_class=60)


def test_the_evaluator_measures_average_precision_by_the_names_of_classes(
    examples: str, served: dict[Task, str]
) -> None:
    data = opened(examples)
    found = measure("model", served[Task.multi_label], data)
    serve = tf.saved_model.load(served[Task.multi_label]).signatures["serving_default"]
    [(images, labels)] = data.evaluation_batches("test", resolution=12, batch_size=100)
    scores = serve(images=tf.cast(images, tf.uint8))["probabilities"].numpy()
    scores = scores[:, [LABELS.index(name) for name in data.info.labels]]
    expected = average_precision_score(labels.numpy(), scores, average=None)
    assert list(found.of_class.values()) == pytest.approx(expected)
    assert found.accuracy == pytest.approx(np.mean(expected)) and found.images == len(labels)
    with pytest.raises(
        InvalidInputError, match=r"SavedModel for the task multi_label.*one for the other task"
    ):
        measure("baseline_uri", served[Task.single_label], data)


def test_what_is_missed_is_called_by_its_name() -> None:
    model = Accuracy(images=9, accuracy=0.5, of_class={"left": 0.4, "below": None})
    bounds = Thresholds(
        accuracy_lower_bound=0.6, class_accuracy_lower_bound=0.5, accuracy_absolute_change=0.0
    )
    baseline = model.model_copy(update={"accuracy": 0.7})
    wrong = faults(model, baseline, bounds, Task.multi_label)
    assert wrong == [
        "mean average precision 0.5000 is below 0.6",
        "average precision of class left 0.4000 is below 0.5",
        "mean average precision 0.5000 is -0.2000 from the baseline's, below the allowed +0",
    ]


def test_a_bound_of_balanced_accuracy_is_refused(examples: str, tmp_path: Path) -> None:
    places = {"evaluation": str(tmp_path / "evaluation"), "blessing": str(tmp_path / "blessing")}
    with pytest.raises(
        InvalidInputError, match=r"`balanced_accuracy_lower_bound` must be 0 .*Received: 0\.5"
    ):
        evaluate(examples=examples, model=examples, balanced_accuracy_lower_bound=0.5, **places)


def test_a_server_may_answer_probabilities_that_do_not_add_up(
    served: dict[Task, str], tmp_path: Path
) -> None:
    np.save(tmp_path / "images.npy", np.zeros((4, 12, 12, 1), np.uint8))
    for folder in served.values():
        found = probe(folder, str(tmp_path / "images.npy"))["signatures"]["serving_default"]
        assert found["sums_to_one"] and found["shapes"]["class_ids"] == [4, 3]
