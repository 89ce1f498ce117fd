"""A trained family from Python: its table, and its members as Keras models."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

import scalenet_tf as sn
from scalenet_tf.api.family_member import _as_batch
from scalenet_tf.data import open_data
from scalenet_tf.report.family import family_rows
from scalenet_tf.run import Run
from scalenet_tf.utils.value_file import write_value


def test_the_family_is_a_sequence_that_prints_as_a_table(finished_run: Run) -> None:
    family = sn.open_family(finished_run)
    assert len(family) == 4
    assert [member.name for member in family] == ["s0", "s1", "s2", "s3"]
    assert [family[name].row.stage for name in ("s2", "S2", "2", 2)] == [2] * 4
    for name in ("s9", 4, -5):
        with pytest.raises(sn.InvalidInputError, match=r"the family's members, \['s0', .* Received: ['\-\d]"):
            family[name]
    lines = str(family).splitlines()
    assert lines[0].split()[:2] == ["stage", "depth"]
    assert lines[1].startswith("S0 ") and "84.34 %" in lines[1]
    assert max(map(len, lines[:5])) <= 115
    html = family._repr_html_()
    assert html.count("<tr>") == 5 and "<td>84.34 %</td>" in html
    axes = family.plot()
    assert [text.get_text() for text in axes.texts] == ["S0", "S1", "S2", "S3"]
    assert axes.get_xlabel() == "multiply-adds for one image"
    plt.close(axes.figure)


def test_the_family_is_taken_apart_as_a_list_is(finished_run: Run) -> None:
    family = sn.open_family(finished_run)
    names = ["s0", "s1", "s2", "s3"]
    assert [family[k].name for k in range(-4, 4)] == names * 2
    assert family[np.int64(1)].name == "s1"
    for part in (slice(1, 3), slice(None), slice(None, None, -1), slice(-2, 99), slice(3, 1)):
        assert [member.name for member in family[part]] == names[part]
    assert [member.name for member in reversed(family)] == names[::-1]
    first, *_, last = family
    assert family.index(last) == 3 and first in family and isinstance(family, Sequence)


def test_a_member_is_the_same_object_each_time(finished_run: Run) -> None:
    family = sn.open_family(finished_run)
    member = family["s2"]
    assert all(
        again is member for again in (family["S2"], family[2], family[-2], family[1:][1], list(family)[2])
    )
    assert sn.open_family(finished_run)["s2"] is not member
    finished_run.member_files(2).metrics.unlink()
    assert family["s2"] is member and member.row.test_accuracy is None


def test_a_transferred_member_is_found_by_its_name_and_its_position(finished_run: Run) -> None:
    family = finished_run.family()
    write_value(finished_run.family_file, family.model_copy(update={"members": family.members[2:3]}))
    [member] = sn.open_family(finished_run)
    assert member.name == "s2"
    opened = sn.open_family(finished_run)
    assert opened["s2"] is opened["2"] is opened[0] is opened[-1]


def test_a_data_frame_has_a_row_for_each_member(finished_run: Run) -> None:
    pytest.importorskip("pandas")
    frame = sn.open_family(finished_run.path).to_dataframe()
    assert list(frame.index) == ["s0", "s1", "s2", "s3"]
    assert list(frame["macs"]) == [row.macs for row in family_rows(finished_run)]


def test_without_a_family_the_next_command_is_named(scratch_run: Run, tmp_path: Path) -> None:
    with pytest.raises(sn.ScaleNetError, match="scalenet train --run"):
        sn.open_family(tmp_path)
    scratch_run.family_file.unlink()
    with pytest.raises(sn.ScaleNetError, match=r"has no family\.json yet"):
        sn.open_family(scratch_run)


def test_a_member_answers_as_its_metrics_say(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    data = open_data(trained_run)
    images = data.test.take(np.arange(data.test.count))
    labels = data.test.class_ids()
    assert member.evaluate().accuracy == pytest.approx(member.row.test_accuracy, abs=1e-6)
    assert member.evaluate((images, labels)).accuracy == pytest.approx(member.row.test_accuracy, abs=1e-3)
    batches = tf.data.Dataset.from_tensor_slices((images, np.eye(10)[labels])).batch(100)
    assert member.evaluate(batches) == member.evaluate((images, labels))
    # By their names, although the first class is missing.
    some = labels > 0
    names = np.array(member.labels)[labels]
    assert member.evaluate((images[some], names[some])) == member.evaluate((images[some], labels[some]))
    with pytest.raises(sn.ScaleNetError, match=r"`data` has the classes sofa, which the member s0 does not"):
        member.evaluate((images[:2], np.array(["sofa", member.labels[0]])))
    with pytest.raises(sn.ScaleNetError, match=r"classes 0 to 9\. Received: 10\. If .* counted from 1, sub"):
        member.evaluate((images[:2], np.array([1, 10])))
    with pytest.raises(sn.ScaleNetError, match=r"classes 0 to 9\. Received: 11"):
        member.evaluate((images[:1], np.eye(12)[[11]]))
    probabilities = member.predict(images[:5])
    assert probabilities.shape == (5, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(probabilities, member.predict(images[:5, ..., 0].astype(np.float32)))


def test_predictions_take_files_and_refuse_what_is_no_image(trained_run: Run, tmp_path: Path) -> None:
    member = sn.open_family(trained_run)["s0"]
    image = open_data(trained_run).test.take(np.arange(1))
    (tmp_path / "one.png").write_bytes(tf.io.encode_png(image[0]).numpy())
    expected = member.predict(image)
    np.testing.assert_array_equal(member.predict([tmp_path / "one.png"]), expected)
    for one in (tmp_path / "one.png", str(tmp_path / "one.png"), image[0], image[0, ..., 0]):
        np.testing.assert_array_equal(member.predict(one), expected)
    assert member.predict(image[:0]).shape == (0, 10)
    with pytest.warns(UserWarning, match="`images`: these floats of 0 to 1 are taken for pixels of 0 to 255"):
        member.predict(image / 255)
    member.predict((image > 127).astype(np.float32))
    (tmp_path / "two.png").write_bytes(b"no image")
    with pytest.raises(sn.ScaleNetError, match=r"two.png' cannot be read as an image"):
        member.predict([tmp_path / "two.png"])
    os.mkfifo(tmp_path / "pipe.png")  # opening it would wait forever
    with pytest.raises(sn.ScaleNetError, match=r"pipe.png' cannot be read as an image \(.*pipe"):
        member.predict([tmp_path / "pipe.png"])
    with pytest.raises(sn.ScaleNetError, match=r"must have 1 channel\(s\), as in training. Received: 3"):
        member.predict(np.zeros((1, 8, 8, 3), np.uint8))


def test_the_model_is_one_that_keras_trains_further(trained_run: Run) -> None:
    family = sn.open_family(trained_run)
    model = family["s0"].model
    assert type(model).__module__.startswith("keras.")
    before = model.get_layer("classifier").kernel.numpy()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    side = family["s0"].resolution
    model.fit(np.zeros((8, side, side, 1)), np.zeros(8), epochs=1, verbose=0)
    assert (model.get_layer("classifier").kernel.numpy() != before).any()
    assert family["s0"].model is model and model.compiled
    zeros = np.zeros((1, side, side, 1), np.uint8)
    expected = keras.ops.softmax(model.predict_on_batch(zeros))
    np.testing.assert_allclose(family["s0"].predict(zeros), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("shape", "channels", "batch"),
    [
        ((28, 30), 1, (1, 28, 30)),
        ((28, 30, 1), 1, (1, 28, 30, 1)),
        ((28, 30, 3), 3, (1, 28, 30, 3)),
        ((5, 28, 30), 1, (5, 28, 30)),
        ((5, 28, 30), 3, (5, 28, 30)),
        ((5, 28, 30, 3), 3, (5, 28, 30, 3)),
        ((0, 28, 30, 3), 3, (0, 28, 30, 3)),
    ],
)
def test_one_image_is_a_batch_of_one(shape: tuple[int, ...], channels: int, batch: tuple[int, ...]) -> None:
    assert _as_batch(np.zeros(shape), channels).shape == batch


def test_features_are_the_maps_of_the_model(trained_run: Run) -> None:
    member = sn.open_family(trained_run)["s0"]
    images = np.random.default_rng(0).uniform(0, 255, (2, member.resolution, member.resolution, 1))
    maps = member.features.predict_on_batch(images)
    assert maps
    for key, found in maps.items():
        assert key.startswith("stride")
        assert found.shape[1] == -(-member.resolution // int(key.removeprefix("stride")))
    # The layers after the last map give the model's own answer.
    last = maps[max(maps, key=lambda key: int(key.removeprefix("stride")))]
    names = [layer.name for layer in member.model.layers]
    x = last
    for name in names[names.index("head_conv") :]:
        x = member.model.get_layer(name)(x)
    np.testing.assert_allclose(x, member.model.predict_on_batch(images), rtol=1e-4, atol=1e-5)


def test_a_keras_file_loads_without_this_package(trained_run: Run, tmp_path: Path) -> None:
    member = sn.open_family(trained_run)["s0"]
    file = member.export("keras") / "model.keras"
    images = open_data(trained_run).test.take(np.arange(4))
    np.save(tmp_path / "images.npy", tf.image.resize(images, [member.resolution] * 2, antialias=True))
    code = (
        "import sys; sys.modules['scalenet_tf'] = None\n"
        "import keras, numpy as np\n"
        f"model = keras.models.load_model({str(file)!r})\n"
        f"np.save({str(tmp_path / 'answers.npy')!r}, keras.ops.softmax(model.predict(np.load("
        f"{str(tmp_path / 'images.npy')!r}), verbose=0)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=120)
    np.testing.assert_allclose(np.load(tmp_path / "answers.npy"), member.predict(images), atol=1e-4)
    with pytest.raises(sn.ScaleNetError, match=r"`form` must be one of .*'keras'"):
        member.export("pytorch")


def test_the_report_is_a_path_that_a_notebook_shows(finished_run: Run) -> None:
    report = sn.open_family(finished_run).report
    assert report == finished_run.report_file and "not written yet" in report._repr_html_()
    finished_run.report_file.write_text('<p class="a">5 &lt; 6</p>')
    html = report._repr_html_()
    assert html.startswith("<iframe srcdoc=") and "&lt;p class=&quot;a&quot;&gt;5 &amp;lt; 6" in html


@pytest.mark.slow
def test_tensorflow_is_quiet_if_this_package_is_imported_first() -> None:
    code = "import scalenet_tf as sn; sn.build_model(sn.draw_subnet(sn.load_space('small'), 0, 0).subnet)"
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
