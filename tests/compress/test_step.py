"""A trained member compressed: the file answers, its figures are true, nothing is left of a failure."""

from __future__ import annotations

import gzip
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.cli.tables import compression_table
from scalenet_tf.compress import CompressOptions, compress_member
from scalenet_tf.compress.metrics import check_compressed, read_compressed
from scalenet_tf.compress.options import Method
from scalenet_tf.data import open_data
from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.report.compression import compression_rows
from scalenet_tf.run import Run
from scalenet_tf.run.own_parts import OwnPart, OwnParts
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value
from tests.helpers.stored import fill_weights

# NumPy's global generator takes no seed of this size.
OPTIONS = CompressOptions(epochs=1, calibration_images=50, seed=2**40)
RESOLUTION = 12


@pytest.fixture(scope="module")
def compressed_files(trained_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = shutil.copytree(trained_files, tmp_path_factory.mktemp("compressed") / "run")
    compress_member(Run.open(path), 0, "ptq-int8", OPTIONS)
    return path


@pytest.fixture
def compressed_run(compressed_files: Path, tmp_path: Path) -> Run:
    return Run.open(shutil.copytree(compressed_files, tmp_path / "compressed"))


def accuracy(run: Run, runner: Runner) -> float:
    batches = open_data(run).evaluation_batches("test", resolution=RESOLUTION, batch_size=400)
    right = [np.argmax(runner(images.numpy()), axis=1) == labels.numpy() for images, labels in batches]
    return float(np.mean(np.concatenate(right)))


def check(run: Run, method: str, *, points: float) -> Runner:
    """The folder's figures are those of the file, and near the float network's."""
    folder = run.member(0) / "compressed" / method
    metrics, content = files.read_json(folder / "metrics.json"), (folder / "model.tflite").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["metrics.json", "model.tflite"]
    runner = Runner(content)
    assert metrics["bytes"] == len(content)
    assert metrics["gzip_bytes"] == len(gzip.compress(content, 9, mtime=0))
    assert metrics["input"] == runner.input_type.name
    assert metrics["test_accuracy"] == pytest.approx(accuracy(run, runner), abs=1e-9)
    member = files.read_json(run.member(0) / "metrics.json")
    assert metrics["float"]["test_accuracy"] == pytest.approx(member["test_accuracy"], abs=0.0011)
    assert metrics["float"]["largest_difference"] < 1e-4
    assert metrics["test_accuracy"] > metrics["float"]["test_accuracy"] - points
    assert metrics["provenance"]["digests"]["weights"] == member["provenance"]["digests"]["weights"]
    surroundings = metrics["environment"]
    assert surroundings["latency_threads"] == 1
    assert min(*surroundings["latency_ms"].values(), *surroundings["float_latency_ms"].values()) > 0
    return runner


def test_int8_of_a_trained_member_is_int8_throughout(compressed_run: Run) -> None:
    runner = check(compressed_run, "ptq-int8", points=0.03)
    # A step of a pixel is a step of the input.
    assert runner.input_scale == (1 / 128, 128)
    floats = [name for name, kind in runner.tensor_types.items() if kind == "float32"]
    assert len(floats) == 1, floats  # The logits that are given back.


def test_a_finished_compression_is_kept_and_printed_again(compressed_run: Run) -> None:
    file = compressed_run.member(0) / "compressed" / "ptq-int8" / "model.tflite"
    before = file.stat().st_mtime_ns
    found = compress_member(compressed_run, 0, "ptq-int8", OPTIONS)
    assert file.stat().st_mtime_ns == before
    assert found.metrics.method == "ptq-int8"
    # What other methods read makes no other file.
    unread = {"clusters": 8, "epochs": 5, "batch_size": 7}
    assert compress_member(compressed_run, 0, "ptq-int8", OPTIONS.model_copy(update=unread)) == found
    other = OPTIONS.model_copy(update={"calibration_images": 60, "seed": 1})
    with pytest.raises(ScaleNetError, match=r"other options \(they differ in: calibration_images, seed\)"):
        compress_member(compressed_run, 0, "ptq-int8", other)


def test_the_seed_and_the_batch_size_of_the_run_make_no_other_file(compressed_run: Run) -> None:
    stored, config = compressed_run.member_files(0), compressed_run.config
    shutil.copytree(stored.compressed("ptq-int8").folder, stored.compressed("prune").folder)
    found = read_compressed(compressed_run, 0, "prune")
    assert found is not None
    made = OPTIONS.model_copy(update={"seed": config.seed})
    write_value(stored.compressed("prune").metrics, found.model_copy(update={"options": made}))
    same = made.model_copy(update={"seed": None, "batch_size": config.members.batch_size})
    assert compress_member(compressed_run, 0, "prune", same).metrics.options == made
    other = same.model_copy(update={"batch_size": 7, "sparsity": 0.5, "clusters": 3})
    with pytest.raises(ScaleNetError, match=r"other options \(they differ in: batch_size, sparsity\)"):
        compress_member(compressed_run, 0, "prune", other)


def test_a_file_of_weights_that_the_member_has_no_more_is_not_its_own(
    compressed_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a training that was begun anew, which gives other weights."""
    before = read_compressed(compressed_run, 0, "ptq-int8")
    fill_weights(compressed_run, 0, "classifier/bias", 0.5)
    text = r"ptq-int8' was made from weights that the member has no more .* Compress the member again with"
    with pytest.raises(DamagedFileError, match=text):
        check_compressed(compressed_run, 0, "ptq-int8")
    assert compression_rows(compressed_run) == []
    found = compress_member(compressed_run, 0, "ptq-int8", OPTIONS).metrics
    assert "The member is compressed again" in caplog.text
    assert before is not None and found.digest != before.digest
    assert check_compressed(compressed_run, 0, "ptq-int8").is_file()


def test_the_table_and_the_report_show_each_file_beside_the_float_one(compressed_run: Run) -> None:
    rows = compression_rows(compressed_run)
    assert [(row.member, row.method) for row in rows] == [("s0", "float32"), ("s0", "ptq-int8")]
    assert rows[0].relative_size == rows[0].relative_latency == 1
    assert rows[1].relative_size == rows[1].size / rows[0].size
    assert compression_rows(compressed_run, stage=1) == []
    assert list(compression_table(rows).columns[1].cells) == ["float32", rows[1].method]


@pytest.mark.slow
def test_what_cannot_be_compressed_leaves_nothing(trained_run: Run) -> None:
    fill_weights(trained_run, 0, "classifier/bias", np.nan)
    with pytest.raises(ScaleNetError, match=r"the member's logits in tf_keras differ .* by nan"):
        compress_member(trained_run, 0, "ptq-float16")
    assert not (trained_run.member(0) / "compressed").exists()


def test_without_litert_the_extra_is_named(trained_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    with pytest.raises(ScaleNetError, match=r'pip install "scalenet-tf\[export\]"'):
        compress_member(trained_run, 0, "ptq-int8")


def test_an_own_loss_that_a_fine_tuning_does_not_use_is_named(
    trained_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    write_value(trained_run.own_parts_file, OwnParts(loss=OwnPart(name="mine.Loss", digest="0" * 16)))
    with pytest.raises(ScaleNetError, match="`batch_size` must be at most the 16000 images"):
        compress_member(trained_run, 0, "prune", CompressOptions(batch_size=17000))
    assert "s0 was trained with mine.Loss, which a fine-tuning for prune does not use" in caplog.text


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"the \.tflite file cannot be loaded by LiteRT's interpreter"):
        Runner(b"no model at all")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "points"), [("ptq-float16", 0.005), ("qat-int8", 0.05), ("prune", 0.25), ("cluster", 0.1)]
)
def test_every_method_gives_a_file_that_answers(trained_run: Run, method: str, points: float) -> None:
    compress_member(trained_run, 0, method, CompressOptions(epochs=2, sparsity=0.4))
    runner = check(trained_run, method, points=points)
    metrics = files.read_json(trained_run.member(0) / "compressed" / method / "metrics.json")
    if method == "qat-int8":
        assert [kind for kind in runner.tensor_types.values() if kind == "float32"] == ["float32"]
        assert runner.input_scale == (1 / 128, 128)
    assert metrics["gzip_bytes"] < metrics["float"]["gzip_bytes"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ptq-int8", "qat-int8"])
def test_a_member_with_a_squeeze_that_never_fires_is_compressed(
    trained_run: Run, method: Method, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a range of its own XNNPACK would refuse the file."""
    caplog.set_level("INFO", "scalenet_tf")
    with np.load(trained_run.member_files(0).weights) as arrays:
        name = next(name for name in arrays if name.endswith("_squeeze/bias"))
    fill_weights(trained_run, 0, name, -50.0)
    compress_member(trained_run, 0, method, OPTIONS)
    said = f"s0 {method}: made a unit constant in squeezes too weak for int8: {name.removesuffix('/bias')}"
    assert ("scalenet_tf.compress.methods", logging.INFO, said) in caplog.record_tuples
    content = (trained_run.member(0) / "compressed" / method / "model.tflite").read_bytes()
    assert np.isfinite(Runner(content)(np.zeros((1, RESOLUTION, RESOLUTION, 1)))).all()
