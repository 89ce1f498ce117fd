from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.data import DataInfo, DataSet, load_data
from scalenet_tf.data.examples import ArrayExamples
from scalenet_tf.data.resize import resize
from scalenet_tf.errors import ScaleNetError
from tests.helpers.stored import info_of

RESOLUTIONS = np.random.default_rng(0).choice([16, 20, 24, 28], 130)
AUGMENTATION = AugmentationConfig(erase=0.2)
Batches = list[tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="module")
def data() -> DataSet:
    return load_data(DataConfig(), seed=0)


def collect(dataset: tf.data.Dataset) -> Batches:
    return list(dataset.as_numpy_iterator())


def assert_equal(left: Batches, right: Batches) -> None:
    assert len(left) == len(right) > 0
    for (images, labels), (other_images, other_labels) in zip(left, right, strict=True):
        np.testing.assert_array_equal(images, other_images)
        np.testing.assert_array_equal(labels, other_labels)


def training(data: DataSet, **changes: object) -> tf.data.Dataset:
    arguments = {
        "batch_size": 256,
        "seed": 0,
        "resolutions": RESOLUTIONS,
        "augmentation": AUGMENTATION,
    }
    return data.training_batches(**(arguments | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def uninterrupted(data: DataSet) -> Batches:
    return collect(training(data))


def test_the_bundled_set_is_what_it_says(data: DataSet) -> None:
    assert data.info.counts == {"train": 16000, "validation": 1000, "test": 4000}
    assert (data.info.channels, data.info.classes, data.info.image_size) == (1, 10, 28)
    assert data.info.labels[9] == "Ankle boot"
    counts = data.info.class_counts or {}
    assert {split: sum(own) for split, own in counts.items()} == data.info.counts
    assert counts["test"] == tuple(np.bincount(data.test.class_ids()))
    assert DataInfo.model_validate(json.loads(data.info.model_dump_json())) == data.info
    hashes = {}
    for split, count in data.info.counts.items():
        batches = collect(data.evaluation_batches(split, resolution=28, batch_size=300))  # type: ignore[arg-type]
        images = np.concatenate([images for images, _ in batches])
        labels = np.concatenate([labels for _, labels in batches])
        assert np.bincount(labels).tolist() == [count // 10] * 10
        hashes[split] = {hashlib.sha256(image.tobytes()).hexdigest() for image in images}
        assert len(hashes[split]) > 0.999 * count  # Fashion-MNIST repeats itself rarely
    assert not hashes["train"] & hashes["test"]
    assert not hashes["train"] & hashes["validation"]
    assert not hashes["validation"] & hashes["test"]


def test_each_step_has_its_resolution(uninterrupted: Batches) -> None:
    assert len(uninterrupted) == len(RESOLUTIONS)
    for (images, labels), resolution in zip(uninterrupted, RESOLUTIONS, strict=True):
        assert images.shape == (256, resolution, resolution, 1)
        assert images.dtype == np.float32
        assert labels.dtype == np.int32
        assert images.min() >= 0
        assert 200 < images.max() < 255.01


@pytest.mark.parametrize("start", [1, 61, 62, 63, 125, 129])
def test_a_resumed_run_sees_the_rest_of_the_same_batches(
    data: DataSet, uninterrupted: Batches, start: int
) -> None:
    assert_equal(collect(training(data, start_step=start)), uninterrupted[start:])


def test_epochs_are_whole_shuffles(data: DataSet) -> None:
    labels = [labels for _, labels in collect(training(data, augmentation=None, resolutions=4).take(124))]
    first, second = np.concatenate(labels[:62]), np.concatenate(labels[62:])
    assert (first != second).any()
    assert (np.bincount(first) >= 800 - 64).all()  # 64 images are left out


def test_an_epoch_for_fit_is_the_steps_of_that_epoch(data: DataSet, uninterrupted: Batches) -> None:
    epoch = data.epoch_batches(batch_size=256, seed=0, epoch=1, resolution=28, augmentation=AUGMENTATION)
    assert epoch.cardinality() == data.steps_per_epoch(256) == 62
    assert epoch.element_spec[0].shape == (256, 28, 28, 1)
    batches = collect(epoch)
    assert len(batches) == 62
    at = [step for step in range(62, 124) if RESOLUTIONS[step] == 28]
    assert_equal([batches[step - 62] for step in at], [uninterrupted[step] for step in at])


def test_another_seed_is_another_order(data: DataSet, uninterrupted: Batches) -> None:
    other = collect(training(data, seed=1).take(1))[0]
    assert (other[1] != uninterrupted[0][1]).any()


def test_evaluation_is_in_fixed_order_and_whole(data: DataSet) -> None:
    full = collect(data.evaluation_batches("validation", resolution=28, batch_size=300))
    assert [len(labels) for _, labels in full] == [300, 300, 300, 100]
    small = collect(data.evaluation_batches("validation", resolution=20, batch_size=300, limit=1000))
    np.testing.assert_array_equal(small[1][1], full[1][1])
    np.testing.assert_allclose(small[0][0], resize(tf.constant(full[0][0]), 20), atol=1e-3)


def test_a_part_of_a_split_is_a_draw_that_the_seed_decides(data: DataSet) -> None:
    def part(seed: int | None) -> np.ndarray:
        batches = data.evaluation_batches("validation", resolution=16, batch_size=300, limit=450, seed=seed)
        return np.concatenate([labels for _, labels in collect(batches)])

    assert len(part(0)) == 450
    np.testing.assert_array_equal(part(0), part(0))
    assert (part(0) != part(1)).any()
    np.testing.assert_array_equal(part(None), data.validation.class_ids()[:450])


def test_a_part_of_a_split_that_is_sorted_by_class_has_all_classes() -> None:
    labels = np.repeat(np.arange(5), 40)
    examples = ArrayExamples.of(np.zeros((200, 8, 8, 1), np.uint8), labels)
    data = DataSet(info_of(classes=5), examples, examples, lambda: examples)
    part = {"resolution": 8, "batch_size": 50, "limit": 50, "seed": 0}
    [(_, found)] = data.evaluation_batches("validation", **part)  # type: ignore[arg-type]
    assert len(found) == 50 and np.bincount(found, minlength=5).min() >= 4
    # A random part of train is as mixed as a draw from it.
    mixed = replace(data, validation=replace(examples, rows=np.random.default_rng(1).permutation(200)))
    [(_, first)] = mixed.evaluation_batches("validation", **part)  # type: ignore[arg-type]
    np.testing.assert_array_equal(first, mixed.validation.class_ids()[:50])


def test_one_trace_takes_every_resolution(data: DataSet) -> None:
    spec = (tf.TensorSpec([None, None, None, 1], tf.float32), tf.TensorSpec([None], tf.int32))
    step = tf.function(lambda images, labels: tf.shape(images)[1], input_signature=spec)
    sources = [
        training(data).take(9),
        training(data, resolutions=24).take(1),
        *(data.evaluation_batches("test", resolution=r, batch_size=256, limit=256) for r in (16, 28)),
    ]
    seen = [int(step(*batch)) for source in sources for batch in source]
    assert seen == [*RESOLUTIONS[:9], 24, 16, 28]
    assert step.experimental_get_tracing_count() == 1
    for source in sources:
        assert source.element_spec[0].shape.as_list()[1:] == [None, None, 1]


def test_calibration_images_are_fixed_training_images(data: DataSet) -> None:
    images = data.calibration_images(200, seed=0)
    assert images.shape == (200, 28, 28, 1)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, data.calibration_images(200, seed=0))
    assert (images != data.calibration_images(200, seed=1)).any()
    known = {
        image.tobytes()
        for batch, _ in collect(data.evaluation_batches("train", resolution=28, batch_size=1000))
        for image in batch.astype(np.uint8)
    }
    assert all(image.tobytes() in known for image in images)


def test_image_size_changes_what_is_stored(data: DataSet) -> None:
    other = load_data(DataConfig(image_size=14), seed=0)
    assert other.info.image_size == 14
    assert other.info.digest != data.info.digest
    assert other.calibration_images(2, 0).shape == (2, 14, 14, 1)


def test_wrong_arguments_say_what_is_right(data: DataSet) -> None:
    with pytest.raises(
        ScaleNetError, match=r"`batch_size` must be at most the 16000 images .* Received: 17000"
    ):
        training(data, batch_size=17000)
    with pytest.raises(ScaleNetError, match=r"`split` must be one of .* Received: 'val'"):
        data.evaluation_batches("val", resolution=28, batch_size=8)  # type: ignore[arg-type]


SCRIPT = """
import hashlib, sys
import tensorflow as tf
if sys.argv[1] == "deterministic":
    tf.config.experimental.enable_op_determinism()
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2)
from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.data import load_data

tf.random.set_seed(int(sys.argv[2]))
data = load_data(DataConfig(), seed=0)
arguments = dict(batch_size=64, seed=0, resolutions=[28, 20, 16] * 3, start_step=2,
                 augmentation=AugmentationConfig(erase=0.2))
digest = hashlib.sha256()
whole = list(data.training_batches(**arguments))
for images, labels in whole:
    digest.update(images.numpy().tobytes() + labels.numpy().tobytes())
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
shared = strategy.distribute_datasets_from_function(
    lambda context: data.training_batches(**arguments, input_context=context))
count = 0
for (images, labels), parts in zip(whole, shared):
    joined = tf.concat(strategy.experimental_local_results(parts[0]), 0)
    assert len(strategy.experimental_local_results(parts[0])) == 2
    tf.debugging.assert_near(joined, images, atol=1e-3)
    tf.debugging.assert_equal(tf.concat(strategy.experimental_local_results(parts[1]), 0), labels)
    count += 1
assert count == 7, count
print("digest", digest.hexdigest())
"""


@pytest.mark.slow
def test_fresh_processes_agree_with_and_without_op_determinism_and_replicas_share_a_batch() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False
        )
        for arguments in (("deterministic", "1"), ("fast", "2"))
    ]
    for run in runs:
        assert run.returncode == 0, run.stderr[-2000:]
    digests = [run.stdout.split("digest ")[1] for run in runs]
    assert digests[0] == digests[1]
