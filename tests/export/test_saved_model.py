"""Real SavedModels: their signatures, their variables, and a process that has TensorFlow alone."""

from __future__ import annotations

import itertools
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data import open_data
from scalenet_tf.data.fit import stored
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.export import export_member, parity
from scalenet_tf.members.evaluation import load_member
from scalenet_tf.run import Run
from scalenet_tf.run.exports import Format
from scalenet_tf.utils import files
from tests.helpers.stored import fill_weights

CLEAN = """
import sys
sys.modules.update({"keras": None, "tf_keras": None, "scalenet_tf": None})
import numpy as np
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
images = np.load(sys.argv[2])
for signature, dtype in (("serving_default", np.uint8), ("serving_float", np.float32)):
    for batch in (1, 32):
        answers = loaded.signatures[signature](images=tf.constant(images[:batch].astype(dtype)))
        arrays = {name: answer.numpy() for name, answer in answers.items()}
        file = f"{sys.argv[2]}.{signature}.{batch}.npz"
        np.savez(file, **{**arrays, "labels": arrays["labels"].astype("S")})
"""


def some_images(count: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 1), np.uint8)


@pytest.fixture(scope="module")
def loaded(exported_files: Path) -> Any:
    """The SavedModel of the exported member; loading it takes longer than most tests of it."""
    return tf.saved_model.load(str(exported_files / "members" / "s0" / "saved_model" / "1"))


def test_a_process_with_tensorflow_alone_answers_the_same(exported_run: Run, tmp_path: Path) -> None:
    images = some_images(32, 40, 33)
    np.save(tmp_path / "images.npy", images)
    folder = exported_run.member(0) / "saved_model" / "1"
    command = [sys.executable, "-c", CLEAN, str(folder), str(tmp_path / "images.npy")]
    # Not in the checkout: only the folder of the SavedModel is there to be read.
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    member = load_member(exported_run, 0)
    squares = resize(stored(images, 28, "crop"), 12)  # as the run stores its images
    expected = tf.nn.softmax(member.model(squares, training=False)).numpy()
    for signature, batch in itertools.product(("serving_default", "serving_float"), (1, 32)):
        with np.load(tmp_path / f"images.npy.{signature}.{batch}.npz") as answers:
            np.testing.assert_allclose(answers["probabilities"], expected[:batch], atol=1e-5)
            assert answers["class_ids"].dtype == np.int32
            np.testing.assert_array_equal(answers["class_ids"], np.argsort(-expected[:batch], axis=1)[:, :5])
            names = [[member.labels[index].encode() for index in row] for row in answers["class_ids"]]
            assert answers["labels"].tolist() == names


def test_signatures_state_their_types_and_shapes(loaded: Any) -> None:
    pixels = [None, None, None, 1]
    for name, given in (
        ("serving_default", ("images", tf.uint8, pixels)),
        ("serving_float", ("images", tf.float32, pixels)),
        ("serving_bytes", ("image_bytes", tf.string, [None])),
    ):
        signature = loaded.signatures[name]
        [images] = signature.structured_input_signature[1].values()
        assert (images.name, images.dtype, images.shape.as_list()) == given
        shapes = {key: (out.dtype, out.shape.as_list()) for key, out in signature.structured_outputs.items()}
        assert shapes == {
            "probabilities": (tf.float32, [None, 10]),
            "class_ids": (tf.int32, [None, 5]),
            "labels": (tf.string, [None, 5]),
        }


def test_weights_are_constants_that_are_stored_once(exported_run: Run) -> None:
    folder = exported_run.member(0) / "saved_model" / "1"
    stored = dict(tf.train.list_variables(str(folder / "variables" / "variables")))
    assert set(stored) <= {"_CHECKPOINTABLE_OBJECT_GRAPH"}
    kernels = [
        weight for weight in load_member(exported_run, 0).model.weights if "classifier/kernel" in weight.path
    ]
    bytes_of_kernel = kernels[0].numpy().tobytes()
    # It has no batch norm, so it is in the graph as it was trained.
    assert (folder / "saved_model.pb").read_bytes().count(bytes_of_kernel) == 1


def test_encoded_images_of_any_size_and_colour_are_answered_as_pixels_are(loaded: Any) -> None:
    grey, colour = some_images(1, 40, 33)[0], np.repeat(some_images(1, 21, 30)[0], 3, axis=2)
    files = [tf.io.encode_png(grey), tf.io.encode_png(colour), tf.io.encode_jpeg(grey, quality=95)]
    answers = loaded.signatures["serving_bytes"](image_bytes=tf.stack(files))
    for place, image in enumerate((grey, colour[:, :, :1], tf.io.decode_jpeg(files[2]).numpy())):
        expected = loaded.signatures["serving_default"](images=tf.constant(image[np.newaxis]))
        for name in ("probabilities", "class_ids"):
            np.testing.assert_allclose(answers[name][place], expected[name][0], atol=2e-3)
        assert answers["labels"][place].numpy().tolist() == expected["labels"][0].numpy().tolist()


def test_bytes_that_are_no_image_fail(loaded: Any) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        loaded.signatures["serving_bytes"](image_bytes=tf.constant([b"no image"]))


def encoded_png(width: int, height: int) -> bytes:
    """The begin of a PNG of any size, as a bomb has it; it has no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(header)) + b"IHDR" + header + checksum


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (encoded_png(8192, 8193), "an image must have 1 to 67108864 pixels. Received: 8192 x 8193"),
        (encoded_png(2**31 - 1, 2**31 - 1), "Received: 2147483647 x 2147483647"),
        (encoded_png(2**32 - 1, 2**32 - 1), "an image must have 1 to 67108864 pixels"),
        (encoded_png(0, 0), "Received: 0 x 0"),
        (encoded_png(8, 8)[:20], "an image must be a whole JPEG or PNG. Received: 20 bytes"),
        (b"GIF89a\xff\xff\xff\xff", "an image must be a whole JPEG or PNG. Received: 10 bytes"),
        (b"", "Received: 0 bytes of something else"),
    ],
)
def test_an_image_is_refused_by_its_header(image: bytes, text: str, loaded: Any) -> None:
    good = tf.io.encode_png(some_images(1, 40, 33)[0]).numpy()
    with pytest.raises(tf.errors.InvalidArgumentError) as refused:
        loaded.signatures["serving_bytes"](image_bytes=tf.constant([good, image]))
    assert text in str(refused.value)
    assert loaded.signatures["serving_bytes"](image_bytes=tf.constant([good]))["class_ids"].shape[0] == 1


@pytest.mark.parametrize(
    ("signature", "dtype"), [("serving_default", np.uint8), ("serving_float", np.float32)]
)
def test_images_without_pixels_are_refused(signature: str, dtype: type, loaded: Any) -> None:
    for height, width in ((0, 0), (5, 0), (0, 5)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="images must have pixels") as refused:
            loaded.signatures[signature](images=np.zeros((2, height, width, 1), dtype))
        assert f"Received: {height} x {width}" in str(refused.value)


def test_parity_and_latency_are_recorded_in_the_environment(exported_run: Run) -> None:
    surroundings = files.read_json(exported_run.member(0) / "metrics.json")["environment"]
    assert surroundings["parity"]["images"] == 256
    assert 0 <= surroundings["parity"]["largest_difference"] <= 1e-4
    assert surroundings["latency_ms"]["1"] > 0
    assert surroundings["latency_ms"]["32"] > 0
    assert surroundings["latency_threads"] == {"intra_op": 0, "inter_op": 0}


def test_an_exported_member_is_not_exported_again(exported_run: Run) -> None:
    graph = exported_run.member(0) / "saved_model" / "1" / "saved_model.pb"
    before = graph.stat().st_mtime_ns
    assert export_member(exported_run, 0) == graph.parent
    assert graph.stat().st_mtime_ns == before


@pytest.mark.slow
def test_what_a_kill_left_is_swept_away(trained_run: Run) -> None:
    # Killed after the rename and before metrics.json, or within the writing.
    versions = trained_run.member(0) / "saved_model"
    (files.temporary_name(versions / "1", 99999999) / "variables").mkdir(parents=True)
    (versions / "1").mkdir()
    (versions / "1" / "saved_model.pb").write_bytes(b"old")
    export_member(trained_run, 0)
    assert [folder.name for folder in versions.iterdir()] == ["1"]
    assert tf.saved_model.load(str(versions / "1")).signatures


def test_what_an_earlier_version_exported_is_exported_again(exported_run: Run) -> None:
    metrics_file = exported_run.member(0) / "metrics.json"
    metrics = files.read_json(metrics_file)
    del metrics["environment"]["signatures"]
    files.write_json(metrics_file, metrics)
    graph = exported_run.member(0) / "saved_model" / "1" / "saved_model.pb"
    before = graph.stat().st_mtime_ns
    export_member(exported_run, 0)
    assert graph.stat().st_mtime_ns > before
    assert "serving_bytes" in files.read_json(metrics_file)["environment"]["signatures"]


def test_a_failed_parity_check_leaves_nothing(trained_run: Run) -> None:
    fill_weights(trained_run, 0, "classifier/bias", np.nan)
    with pytest.raises(
        ScaleNetError, match=r"the exported serving_default differs from the Keras model by nan"
    ):
        export_member(trained_run, 0)
    assert list((trained_run.member(0) / "saved_model").iterdir()) == []
    assert "latency_ms" not in files.read_json(trained_run.member(0) / "metrics.json")["environment"]


def test_an_untrained_member_names_the_command(scratch_run: Run) -> None:
    with pytest.raises(ScaleNetError, match=r"s0 .* is not trained yet.*scalenet retrain --run "):
        export_member(scratch_run, 0)


def test_parity_is_checked_in_whole_float32(exported_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    config, seen = tf.config.experimental, []
    asked = parity.ways_to_ask

    def watched(*arguments: Any) -> dict[str, parity.Ask]:
        def watch(ask: parity.Ask) -> parity.Ask:
            return lambda batch: (seen.append(config.tensor_float_32_execution_enabled()), ask(batch))[1]

        return {name: watch(ask) for name, ask in asked(*arguments).items()}

    monkeypatch.setattr(parity, "ways_to_ask", watched)
    before = config.tensor_float_32_execution_enabled()
    member, data = load_member(exported_run, 0), open_data(exported_run)
    folder = exported_run.member(0) / "saved_model" / "1"
    parity.check_parity(folder, Format.saved_model, member.model, data, exported_run.config.task)
    assert seen and not any(seen)
    assert config.tensor_float_32_execution_enabled() == before
