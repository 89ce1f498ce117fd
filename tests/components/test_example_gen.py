"""ExampleGen and ExampleValidator on real images, sound and poisoned."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.testing import assert_array_equal

from components.common.artifact import as_input, copy, read_artifact
from components.example_gen import executor as example_gen
from components.example_validator import executor as example_validator
from components.example_validator.findings import DataLimits, Findings, anomalies
from scalenet_tf.config import DataConfig, load_config
from scalenet_tf.data import DataSet, load_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from tests.helpers.image_folder import LABELS, write_image


def pixels(data: DataSet, split: Any) -> tuple[np.ndarray, np.ndarray]:
    size = data.info.image_size
    batches = data.evaluation_batches(split, resolution=size, batch_size=500).as_numpy_iterator()
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_the_records_hold_the_very_images_in_their_splits(examples: str) -> None:
    assert sorted(path.name for path in Path(examples).iterdir()) == [
        "Split-eval",
        "Split-test",
        "Split-train",
        "artifact.json",
        "labels.txt",
    ]
    assert [path.name for path in (Path(examples) / "Split-train").iterdir()] == [
        "data_tfrecord-00000-of-00001.gz"
    ]
    written = load_data(DataConfig(source=f"tfrecord:{examples}"), seed=5)
    source = load_data(DataConfig(), seed=0)
    assert written.info.labels == source.info.labels and written.info.counts == source.info.counts
    for split in ("train", "validation", "test"):
        for one, other in zip(pixels(written, split), pixels(source, split), strict=True):
            assert_array_equal(one, other)


def test_the_metadata_are_tfx_s(examples: str) -> None:
    found = files.read_json(Path(examples) / "artifact.json")
    assert json.loads(found["split_names"]) == ["train", "eval", "test"]
    assert found["images"] == {"train": 16000, "eval": 1000, "test": 4000}


def test_what_comes_after_goes_by_the_images_wherever_they_are(photos: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(photos, tmp_path / "elsewhere" / "photos")
    text = load_config("smoke", [f"data.source=folder:{elsewhere}"]).to_yaml()
    example_gen.generate(examples=str(tmp_path / "e1"), config="smoke", source=f"folder:{photos}")
    example_gen.generate(examples=str(tmp_path / "e2"), config=text)
    one, other = (read_artifact("examples", str(tmp_path / name), ["Examples"]) for name in ("e1", "e2"))
    assert as_input("e1", one).digest == as_input("e2", other).digest
    assert one["digest"] != other["digest"]
    text = text.replace("seed: 0", "seed: 1")
    example_gen.generate(examples=str(tmp_path / "e3"), config=text)
    assert read_artifact("examples", str(tmp_path / "e3"), ["Examples"])["data_digest"] != one["data_digest"]


def test_a_whole_output_is_kept_and_another_one_replaced(
    tmp_path: Path, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "examples"

    def generate(shards: int) -> set[str]:
        source = f"folder:{photos}"
        example_gen.generate(examples=str(output), config="smoke", source=source, shards=shards)
        return {path.name for path in (output / "Split-train").iterdir()}

    assert len(generate(2)) == 2
    (output / "Split-train" / "mine").touch()
    assert "mine" in generate(2)
    assert '"event": "kept"' in capsys.readouterr().out
    (output / "artifact.json").unlink()  # half written
    assert len(generate(2)) == 2
    assert len(generate(3)) == 3


def test_a_mounted_bucket_takes_the_artifact(
    photos: Path, tmp_path: Path, no_folder_renames: list[str]
) -> None:
    examples = tmp_path / "examples"
    source = f"folder:{photos}"
    example_gen.generate(examples=str(examples), config="smoke", source=source, shards=2)
    assert len(list((examples / "Split-train").iterdir())) == 2
    assert no_folder_renames[-1] == "artifact.json"


def test_a_copy_that_was_cut_goes_on(tmp_path: Path) -> None:
    for name in ("a/1", "a/2", "b"):
        files.write_text(tmp_path / "source" / name, name)
    files.write_text(tmp_path / "target" / "a" / "1", "mine")
    copy(tmp_path / "source", tmp_path / "target")
    found = {name: (tmp_path / "target" / name).read_text() for name in ("a/1", "a/2", "b")}
    assert found == {"a/1": "mine", "a/2": "a/2", "b": "b"}


def test_a_source_may_be_a_url(photos: Path, tmp_path: Path) -> None:
    url = f"ram:/{tmp_path}/photos"  # TensorFlow's file system in memory, as gs:// is its one of a store
    for path in photos.rglob("*.png"):
        copy = f"{url}/{path.relative_to(photos)}"
        tf.io.gfile.makedirs(copy.rsplit("/", 1)[0])
        tf.io.gfile.copy(str(path), copy)
    found = [
        example_gen.generate(examples=str(tmp_path / name), config="smoke", source=source).metadata
        for name, source in (("e1", f"folder:{url}"), ("e2", f"folder:{photos}"))
    ]
    assert found[0]["content_digest"] == found[1]["content_digest"]


def validate(photos: Path, tmp_path: Path, **limits: float) -> Any:
    examples, found = str(tmp_path / "examples"), str(tmp_path / "anomalies")
    example_gen.generate(examples=examples, config="smoke", source=f"folder:{photos}")
    return example_validator.validate(examples=examples, anomalies=found, **limits)  # type: ignore[arg-type]


def test_sound_images_pass(photos: Path, tmp_path: Path) -> None:
    outcome = validate(photos, tmp_path)
    assert outcome.metrics["images_train"] + outcome.metrics["images_eval"] == 36
    assert outcome.metadata["anomalies"] == 0
    found = files.read_json(tmp_path / "anomalies" / "anomalies.json")
    assert found["classes"]["test"] == {"cat": 4, "dog": 4, "owl": 4}


def test_a_poisoned_set_is_stopped_with_a_list(photos: Path, tmp_path: Path) -> None:
    leaked = tf.io.decode_png((photos / "train" / "dog" / "03.png").read_bytes()).numpy()
    write_image(photos / "test" / "dog" / "09.png", leaked, compression=0)  # other bytes, the same pixels
    broken = photos / "train" / "cat" / "05.png"
    broken.write_bytes(broken.read_bytes()[:60])
    shutil.rmtree(photos / "test" / "owl")
    with pytest.raises(ScaleNetError) as error:
        validate(photos, tmp_path)
    text = str(error.value)
    assert "2 things are wrong" in text and "missing class" not in text
    assert "corrupt: 1 images cannot be decoded: " in text and "cat/05.png" in text
    assert "leak: 1 images stand in several splits: " in text and "test: dog/09.png" in text
    assert len(files.read_json(tmp_path / "anomalies" / "anomalies.json")["anomalies"]) == 2
    with pytest.raises(ScaleNetError, match="2 things are wrong"):  # a retry says the same
        validate(photos, tmp_path)


def test_a_class_that_eval_or_test_lacks_is_a_note_and_one_that_train_lacks_an_anomaly(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(photos / "test" / "owl")
    assert validate(photos, tmp_path).metadata["anomalies"] == 0
    [note] = files.read_json(tmp_path / "anomalies" / "anomalies.json")["notes"]
    assert note == "missing class: test has no image of owl, whose accuracy it cannot tell"
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"note"' in line]
    assert [(line["severity"], line["text"]) for line in logged] == [("WARNING", note)]
    found = Findings(counts={"train": np.array([9, 9, 0]), "eval": np.array([3, 3, 3])})
    limits = DataLimits(smallest_class=2, largest_imbalance=100, most_corrupt=0, most_leaks=0)
    assert anomalies(found, list(LABELS), limits) == ["missing class: train has no image of owl"]


def test_what_is_no_file_is_reported_with_the_corrupt_images(photos: Path, tmp_path: Path) -> None:
    os.mkfifo(photos / "train" / "cat" / "pipe.png")  # opening it would wait forever
    (photos / "train" / "dog" / "05.png").rename(photos / "train" / "dog" / "caf\udce9.png")
    (photos / "train" / "dog" / "caf\udce9.png").write_bytes(b"no image")
    with pytest.raises(ScaleNetError, match=r"corrupt: 2 images cannot be decoded: ") as error:
        validate(photos, tmp_path)
    assert "cat/pipe.png" in str(error.value) and r"dog/caf\xe9.png" in str(error.value)


def test_balance_and_small_classes() -> None:
    found = Findings(counts={"train": np.array([500, 4, 1])})
    limits = DataLimits(smallest_class=3, largest_imbalance=100, most_corrupt=0, most_leaks=0)
    small, imbalance = anomalies(found, list(LABELS), limits)
    assert small == "small class: train has fewer than 3 images of owl (1)"
    assert imbalance == "imbalance: train has 500 images of cat and 1 of owl, more than 100 to 1"
    generous = DataLimits(smallest_class=1, largest_imbalance=500, most_corrupt=0, most_leaks=0)
    assert anomalies(found, list(LABELS), generous) == []


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"`config` must be one of .* YAML text .* Did you mean 'smoke'"):
        example_gen.generate(examples=str(tmp_path / "e"), config="smoky")
    with pytest.raises(ScaleNetError, match="`shards` must be at least 1"):
        example_gen.generate(examples=str(tmp_path / "e"), config="smoke", shards=0)
    with pytest.raises(ScaleNetError, match="`examples` must be the folder of an artifact of type Examples"):
        example_validator.validate(examples=str(tmp_path), anomalies=str(tmp_path / "a"))


@pytest.mark.slow
def test_the_bundled_images_pass(examples: str, tmp_path: Path) -> None:
    outcome = example_validator.validate(examples=examples, anomalies=str(tmp_path / "anomalies"))
    assert outcome.metrics["corrupt"] == 0 and outcome.metrics["images_train"] == 16000
