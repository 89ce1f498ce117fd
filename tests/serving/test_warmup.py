"""Warm-up requests: written, read, replayed, and refused where the server would refuse them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.serving.protos import prediction_log
from scalenet_tf.serving.replay import main
from scalenet_tf.serving.session import replay
from scalenet_tf.serving.warmup import read_warmup, warmup_file, write_warmup

SIGNATURES = ("serving_bytes", "serving_default", "serving_float")


def write_log(folder: Path, *requests: tuple[str, dict[str, object]]) -> None:
    file = warmup_file(folder)
    file.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for signature, inputs in requests:
            log = prediction_log()()
            log.predict_log.request.model_spec.signature_name = signature
            for name, value in inputs.items():
                log.predict_log.request.inputs.add(key=name, value=tf.make_tensor_proto(value))
            writer.write(log.SerializeToString())


def test_real_images_are_recorded_for_each_signature_and_batch(tiny_model: Path, images: np.ndarray) -> None:
    write_warmup(tiny_model, images[:5])
    requests = list(read_warmup(tiny_model))
    assert [(request.signature, request.batch) for request in requests] == [
        (name, batch) for name in SIGNATURES for batch in (1, 8, 32)
    ]
    asked = tf.make_ndarray(requests[4].inputs["images"])
    np.testing.assert_array_equal(asked, images[[0, 1, 2, 3, 4, 0, 1, 2]])
    assert tf.make_ndarray(requests[6].inputs["images"]).dtype == np.float32


def test_the_same_images_give_the_same_bytes(tiny_model: Path, images: np.ndarray) -> None:
    before = write_warmup(tiny_model, images).read_bytes()
    assert write_warmup(tiny_model, images).read_bytes() == before
    assert [path.name for path in warmup_file(tiny_model).parent.iterdir()] == ["tf_serving_warmup_requests"]


def test_the_servers_calls_answer_every_record(tiny_model: Path, images: np.ndarray) -> None:
    write_warmup(tiny_model, images)
    assert [done.batch for done in replay(tiny_model)] == [1, 8, 32] * 3
    # As a process of its own, which loads neither Keras nor anything of the training.
    code = "import sys; sys.modules.update(keras=None); import runpy; runpy.run_module(sys.argv[1], "
    code += "run_name='__main__', alter_sys=False)"
    command = [sys.executable, "-c", code, "scalenet_tf.serving.replay"]
    command[2] = command[2].replace("sys.argv[1]", "sys.argv.pop(1)")
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([*command, str(tiny_model)], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[5].startswith("serving_default [32]: ")


def test_encoded_images_are_recorded_as_png(encoded_model: Path, images: np.ndarray) -> None:
    write_warmup(encoded_model, images, batches=(2,))
    (request,) = read_warmup(encoded_model)
    assert (request.signature, request.batch) == ("serving_bytes", 2)
    first = tf.io.decode_png(tf.make_ndarray(request.inputs["image_bytes"])[0])
    np.testing.assert_array_equal(first, images[0])
    assert len(replay(encoded_model)) == 1


def test_a_model_without_requests_has_none(tiny_model: Path) -> None:
    assert replay(tiny_model) == []


def test_the_command_names_what_is_wrong_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["replay", str(tmp_path)])
    assert main() == 2
    said = capfd.readouterr()
    assert said.err.startswith("replay: ") and said.err.count("\n") == 1
    assert str(tmp_path) in said.err and not said.out


ONE = np.zeros((1, 28, 28, 1), np.uint8)


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        ("serving_other", {"images": ONE}, r"the model has the signatures \['serving_bytes', 'serving_def"),
        ("serving_default", {"image": ONE}, r"must have the inputs \['images'\]\. Received: \['image'\]"),
        (
            "serving_default",
            {"images": ONE.astype(np.float32)},
            r"'images' must be uint8 \(None, None, None, 1\)\. Received: float32 \(1, 28, 28, 1\)",
        ),
        ("", {"images": ONE[..., 0]}, r"request for 'serving_default': 'images' must be uint8"),
    ],
)
def test_what_the_server_would_refuse_is_refused(
    tiny_model: Path, signature: str, inputs: dict[str, object], message: str
) -> None:
    write_log(tiny_model, (signature, inputs))
    with pytest.raises(ScaleNetError, match=message):
        replay(tiny_model)


def test_more_records_than_the_server_takes_are_refused(tiny_model: Path, images: np.ndarray) -> None:
    with pytest.raises(ScaleNetError, match=r"`batches`: .* at most 1000 .* Received: 1503"):
        write_warmup(tiny_model, images, batches=(1,) * 501)
    assert not warmup_file(tiny_model).exists()
    write_log(tiny_model, *[("serving_default", {"images": ONE})] * 1001)
    with pytest.raises(ScaleNetError, match="must be at most 1000, or the server refuses the model"):
        replay(tiny_model)


def test_a_torn_file_is_named(tiny_model: Path, images: np.ndarray) -> None:
    file = write_warmup(tiny_model, images)
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ScaleNetError, match="is not a complete file of warm-up requests"):
        list(read_warmup(tiny_model))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (ONE.astype(np.float32), r"must be uint8 \[N, H, W, C\], at least one\. Received: float32"),
        (ONE[:0], "at least one"),
        (np.repeat(ONE, 3, axis=3), "must have the 1 channels that the model takes"),
    ],
)
def test_other_images_are_refused(tiny_model: Path, wrong: np.ndarray, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        write_warmup(tiny_model, wrong)


def test_a_folder_without_a_model_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"must be a folder that holds saved_model\.pb"):
        write_warmup(tmp_path, ONE)
    (tiny_model / "saved_model.pb").write_bytes(b"torn")
    with pytest.raises(ScaleNetError, match="is not a complete SavedModel"):
        replay(tiny_model)
