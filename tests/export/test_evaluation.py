"""Accuracy of exported and compressed files, against that of the Keras model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.compress import compress_member
from scalenet_tf.data import open_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.export.evaluation import evaluate_file, load_file
from scalenet_tf.members import evaluate_member
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.run.family import read_member


@pytest.mark.parametrize(
    "form",
    [
        Format.saved_model,
        *(pytest.param(form, marks=pytest.mark.slow) for form in (Format.litert, Format.onnx)),
    ],
)
def test_an_exported_file_is_as_right_as_its_model(all_forms_run: Run, form: Format) -> None:
    expected = evaluate_member(all_forms_run, 0)
    found = evaluate_file(all_forms_run, 0, form)
    assert found.images == expected.images == 4000
    # An image whose two likeliest classes are alike may fall to either.
    assert abs(found.accuracy - expected.accuracy) <= 0.002


@pytest.mark.slow
def test_a_compressed_file_has_the_accuracy_that_its_metrics_say(trained_run: Run) -> None:
    metrics = compress_member(trained_run, 0, "ptq-int8").metrics
    known = {"test": metrics.test_accuracy, "validation": metrics.validation_accuracy}
    for split, accuracy in known.items():
        assert evaluate_file(trained_run, 0, "ptq-int8", split=split).accuracy == accuracy


def test_new_images_are_matched_by_the_names_of_their_classes(all_forms_run: Run, tmp_path: Path) -> None:
    data = open_data(all_forms_run)
    side = read_member(all_forms_run, 0).subnet.resolution
    score = load_file(all_forms_run, 0, "litert")
    images, labels = next(iter(data.evaluation_batches("test", resolution=28, batch_size=64)))
    resized, _ = next(iter(data.evaluation_batches("test", resolution=side, batch_size=64)))
    answers = np.argmax(score(resized.numpy()), axis=1)
    bags = data.info.labels.index("Bag"), data.info.labels.index("Sandal")
    count = right = 0
    for image, label, answer in zip(images.numpy(), labels.numpy(), answers, strict=True):
        if label in bags:
            folder = tmp_path / "new" / data.info.labels[label]
            folder.mkdir(exist_ok=True, parents=True)
            (folder / f"{count}.png").write_bytes(tf.io.encode_png(image.astype(np.uint8)).numpy())
            count, right = count + 1, right + int(answer == label)
    found = evaluate_file(all_forms_run, 0, "litert", f"folder:{tmp_path / 'new'}")
    assert (found.images, found.accuracy) == (count, right / count) and count > 5


def test_what_is_not_there_is_said_with_the_command_that_makes_it(trained_run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"`file` must be one of .*'ptq-int'. Did you mean 'ptq-int8'"):
        evaluate_file(trained_run, 0, "ptq-int")
    with pytest.raises(ScaleNetError, match=r"scalenet compress --run .* --stage 0 --method qat-int8"):
        evaluate_file(trained_run, 0, "qat-int8")
    with pytest.raises(ScaleNetError, match=r"scalenet export --run .* --stage 0 --format litert-float16"):
        evaluate_file(trained_run, 0, "litert-float16")
