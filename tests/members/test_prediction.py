"""Evaluation on new data, prediction of image files."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.data import load_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.members import evaluate_member, predict_member
from scalenet_tf.members.evaluation import load_member
from scalenet_tf.run import Run


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory, exported_files: Path) -> Path:
    """Twelve test images as PNG files."""
    folder = tmp_path_factory.mktemp("pictures")
    data = load_data(Run.open(exported_files).config.data, 0)
    images, _ = next(iter(data.evaluation_batches("test", resolution=28, batch_size=12)))
    for number, image in enumerate(images):
        png = tf.io.encode_png(tf.cast(image, tf.uint8)).numpy()
        (folder / f"{number:02}.png").write_bytes(png)
    return folder


def test_no_images_have_no_predictions(exported_run: Run) -> None:
    assert predict_member(exported_run, 0, []) == []


def test_predictions_are_the_keras_models_answers(exported_run: Run, pictures: Path) -> None:
    predictions = predict_member(exported_run, 0, [pictures], top_k=3)
    assert [prediction.image.name for prediction in predictions] == [f"{n:02}.png" for n in range(12)]
    member = load_member(exported_run, 0)
    data = load_data(exported_run.config.data, 0)
    images, _ = next(iter(data.evaluation_batches("test", resolution=12, batch_size=12)))
    probabilities = tf.nn.softmax(member.model(images, training=False)).numpy()
    for prediction, expected in zip(predictions, probabilities, strict=True):
        best = np.argsort(-expected)[:3]
        assert prediction.labels == tuple(member.labels[index] for index in best)
        np.testing.assert_allclose(prediction.probabilities, expected[best], atol=1e-4)


def test_a_picture_of_another_size_and_colour_is_taken(exported_run: Run, tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (31, 57, 3), np.uint8)
    (tmp_path / "wide.jpg").write_bytes(tf.io.encode_jpeg(image).numpy())
    [prediction] = predict_member(exported_run, 0, [tmp_path / "wide.jpg"])
    assert len(prediction.labels) == 5
    assert 0 < sum(prediction.probabilities) <= 1 + 1e-5


def test_what_is_no_image_is_named(exported_run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(ScaleNetError, match=r"broken\.png' cannot be decoded as an image"):
        predict_member(exported_run, 0, [tmp_path / "broken.png"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScaleNetError, match=r"`images` must be image files or folders that hold some"):
        predict_member(exported_run, 0, [tmp_path / "empty"])
    with pytest.raises(ScaleNetError, match=r"There is no file or folder '.*absent\.png'"):
        predict_member(exported_run, 0, [tmp_path / "absent.png"])


def test_one_bad_file_does_not_cost_the_answers_of_the_others(
    exported_run: Run, pictures: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(pictures, tmp_path / "pictures"))
    expected = predict_member(exported_run, 0, [folder])
    (folder / "00a.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (folder / "00b.png").mkdir()
    (folder / "00c.png").symlink_to("absent")
    (folder / "00d.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "00e.png")
    found = predict_member(exported_run, 0, [folder, folder / "00f.png"])
    assert [prediction for prediction in found if prediction.error is None] == expected
    bad = {prediction.image.name: prediction.error for prediction in found if prediction.error is not None}
    assert bad.pop("00a.png", "").startswith("cannot be decoded as an image (")  # type: ignore[union-attr]
    kinds = {
        "00b.png": "a folder",
        "00c.png": "a link to nothing",
        "00d.png": "a device",
        "00e.png": "a pipe",
        "00f.png": "No such file or directory",
    }
    assert bad == {name: f"cannot be read ({kind})" for name, kind in kinds.items()}


def test_the_command_names_bad_files_and_exits_with_2(
    exported_run: Run, pictures: Path, tmp_path: Path
) -> None:
    good, bad = pictures / "00.png", tmp_path / "caf\udce9.png"
    bad.write_bytes(b"no image")
    words = ["predict", str(bad), str(good), "--run", str(exported_run.path), "--stage", "0"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{good}: ")
    assert result.stderr.startswith(f"{tmp_path}/caf\\udce9.png: cannot be decoded as an image")
    result = CliRunner().invoke(app, [*words, "--skip-corrupt", "--json"])
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)["result"]
    assert first["labels"] == [] and first["error"].startswith("cannot be decoded")
    assert len(second["labels"]) == 3 and second["error"] is None


def test_too_many_answers_are_refused(exported_run: Run, pictures: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"`top_k` must be 1 to 5.*Received: 6"):
        predict_member(exported_run, 0, [pictures], top_k=6)


def test_each_missing_step_is_named(scratch_run: Run, trained_run: Run, pictures: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"s0 .* is not trained yet.*scalenet retrain --run .* --stage 0"):
        evaluate_member(scratch_run, 0)
    with pytest.raises(ScaleNetError, match=r"s0 .* is not exported yet.*scalenet export --run .* --stage 0"):
        predict_member(trained_run, 0, [pictures])


def labelled_folder(folder: Path, names: dict[int, str], run: Run) -> str:
    """Test images of some classes as PATH/SPLIT/NAME/N.png, the same for training and test."""
    data = load_data(run.config.data, 0)
    images, labels = next(iter(data.evaluation_batches("test", resolution=28, batch_size=400)))
    for split in ("train", "test"):
        for number, (image, label) in enumerate(zip(images, labels.numpy(), strict=True)):
            if label in names:
                file = folder / split / names[label] / f"{number:03}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(tf.io.encode_png(tf.cast(image, tf.uint8)).numpy())
    return f"folder:{folder}"


def test_labels_of_new_data_are_matched_by_name(exported_run: Run, tmp_path: Path) -> None:
    member = load_member(exported_run, 0)
    # A folder's labels are sorted by name: Bag, Sandal, Sneaker are the classes 8, 5, 7.
    some = {index: member.labels[index] for index in (5, 7, 8)}
    source = labelled_folder(tmp_path / "some", some, exported_run)
    data = load_data(exported_run.config.data, 0)
    images, labels = next(iter(data.evaluation_batches("test", resolution=12, batch_size=400)))
    wanted = np.isin(labels, list(some))
    right = np.argmax(member.model(images, training=False), axis=1) == labels
    evaluation = evaluate_member(exported_run, 0, source)
    assert evaluation.images == np.count_nonzero(wanted)
    assert evaluation.accuracy == pytest.approx(np.mean(right[wanted]), abs=1e-6)


def test_images_that_cannot_be_decoded_are_not_counted(exported_run: Run, tmp_path: Path) -> None:
    labels = load_member(exported_run, 0).labels
    source = labelled_folder(tmp_path / "some", {5: labels[5], 8: labels[8]}, exported_run)
    whole = len(list((tmp_path / "some" / "test").rglob("*.png")))
    (tmp_path / "some" / "test" / labels[8] / "broken.png").write_bytes(b"no image")
    config = exported_run.config
    skipping = config.model_copy(update={"data": config.data.model_copy(update={"skip_corrupt": True})})
    assert evaluate_member(Run(exported_run.path, skipping), 0, source).images == whole


def test_labels_that_the_member_does_not_know_are_refused(exported_run: Run, tmp_path: Path) -> None:
    source = labelled_folder(tmp_path / "other", {0: "cat", 8: "Bag"}, exported_run)
    with pytest.raises(ScaleNetError, match=r"`data` must have labels that the member.*others: \['cat'\]"):
        evaluate_member(exported_run, 0, source)


def test_photos_of_phones_that_are_not_read_name_the_remedy(exported_run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(ScaleNetError, match=r"HEIC is not read: convert it to JPEG"):
        predict_member(exported_run, 0, [tmp_path / "a.heic"])
