"""Accuracy on images that a run has not seen: which are scored, and at which size."""

from __future__ import annotations

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data.fit import fitted
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import evaluate_member
from scalenet_tf.members.evaluation import EvaluationResult, load_member
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import save_weights
from scalenet_tf.run import Run
from scalenet_tf.run.family import read_member
from tests.helpers.stored import write_results


@pytest.fixture(scope="module")
def finished(scratch_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose member is as if it was trained; its weights are random, and so are its answers."""
    run = Run.open(shutil.copytree(scratch_files, tmp_path_factory.mktemp("finished") / "run"))
    subnet = read_member(run, 0).subnet
    keras.utils.set_random_seed(0)
    model = build_model(subnet)
    # Never the class 0: its name, T-shirt/top, cannot be a folder's.
    bias = np.zeros(subnet.classes)
    bias[0] = -100
    model.get_layer("classifier").bias.assign(bias)
    save_weights(run.member(0) / "weights.npz", model)
    write_results(run, 0)
    return run


def new_images(folder: Path, shapes: dict[str, list[tuple[int, int]]]) -> str:
    """Grey PNG files as PATH/CLASS/N.png, of the sizes that are given for each class."""
    rng = np.random.default_rng(3)
    for label, sizes in shapes.items():
        (folder / label).mkdir(parents=True)
        for number, size in enumerate(sizes):
            image = rng.integers(0, 256, (*size, 1), np.uint8)
            (folder / label / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    return f"folder:{folder}"


def test_new_images_without_a_test_split_are_all_scored(finished: Run, tmp_path: Path) -> None:
    sizes = [(40, 33), (28, 28), (16, 50)]
    source = new_images(tmp_path / "new", {"Bag": sizes * 4, "Sandal": [(31, 31)]})
    result = evaluate_member(finished, 0, source)
    assert result.images == 13
    assert result.line("S0", "folder:new", "test").startswith("S0 on folder:new (test: all images): ")


def test_the_split_that_is_scored_is_named(finished: Run, tmp_path: Path) -> None:
    new_images(tmp_path / "new" / "train", {"Bag": [(28, 28)] * 4, "Sandal": [(28, 28)] * 4})
    source = new_images(tmp_path / "new" / "val", {"Bag": [(28, 28)] * 2, "Sandal": [(28, 28)]})
    result = evaluate_member(finished, 0, source.removesuffix("/val"))
    assert (result.images, result.scored) == (3, "val/")
    assert (
        EvaluationResult(0.5, 10).line("S0", "bundled", "test") == "S0 on bundled (test): 50.00% of 10 images"
    )


def test_new_images_are_scored_at_the_runs_size(finished: Run, tmp_path: Path) -> None:
    member = load_member(finished, 0)
    rng = np.random.default_rng(4)
    for number, size in enumerate([(40, 33), (64, 64), (20, 28)] * 4):
        image = rng.integers(0, 20 * (number + 1), (*size, 1), np.uint8)
        stored = tf.round(fitted(image[None], 28, "crop"))
        answer = int(np.argmax(member.model(resize(stored, member.subnet.resolution))))
        # Three of four lie under the class that the member gives them, the fourth under another one.
        label = member.labels[answer if number % 4 < 3 else answer % 9 + 1]
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{number}.png").write_bytes(tf.io.encode_png(image).numpy())
    result = evaluate_member(finished, 0, f"folder:{tmp_path}")
    assert (result.accuracy, result.images, result.scored) == (0.75, 12, "all images")


def test_the_bundled_images_are_new_data_to_a_run_of_other_fractions(finished: Run) -> None:
    config = finished.config
    other = config.model_copy(update={"data": config.data.model_copy(update={"validation_fraction": 0.2})})
    assert evaluate_member(Run(finished.path, other), 0, "bundled").images == 4000


def test_a_new_class_is_refused_before_any_image_is_read(finished: Run, tmp_path: Path) -> None:
    source = new_images(tmp_path / "new", {"Bag": [(28, 28)], "zebra": [(28, 28)]})
    (tmp_path / "new" / "zebra" / "0.png").write_bytes(b"no image")
    with pytest.raises(ScaleNetError, match=r"`data` must have labels .*others: \['zebra'\]"):
        evaluate_member(finished, 0, source)


def test_a_new_image_that_cannot_be_decoded_is_named_or_left_out(finished: Run, tmp_path: Path) -> None:
    source = new_images(tmp_path / "new", {"Bag": [(28, 28)] * 3, "Sandal": [(28, 28)] * 2})
    image = tmp_path / "new" / "Bag" / "1.png"
    image.write_bytes(image.read_bytes()[:40])
    with pytest.raises(ScaleNetError, match=r"Bag/1.png.*in an evaluation with --skip-corrupt"):
        evaluate_member(finished, 0, source)
    result = evaluate_member(finished, 0, source, skip_corrupt=True)
    assert (result.images, result.skipped) == (4, 1)
