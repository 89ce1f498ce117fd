"""Size, accuracy and latency of .tflite files, measured in LiteRT's interpreter."""

from __future__ import annotations

import gzip
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
import tensorflow as tf

from scalenet_tf.compress.metrics import FileFigures
from scalenet_tf.config import Task
from scalenet_tf.data import DataSet
from scalenet_tf.data.dataset import Split
from scalenet_tf.errors import DivergedError
from scalenet_tf.models.accuracy import correct
from scalenet_tf.models.outputs import probabilities
from scalenet_tf.models.score import score
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.utils.timing import repeat
from scalenet_tf.utils.whole_float32 import whole_float32

BATCHES = (1, 32)
THREADS = 1
_FEWEST, _MOST = 20, 200
_SECONDS = 2.0


@dataclass(frozen=True)
class MeasuredFile:
    """The figures of a file, and its latency.

    Attributes:
      figures: Sizes, accuracies, largest difference.
      latency_ms: Median milliseconds of a call, by its number of images.
    """

    figures: FileFigures
    latency_ms: dict[int, float]


def sizes(content: bytes) -> dict[str, int]:
    """Size of a file in bytes, as it is and compressed by gzip."""
    return {"bytes": len(content), "gzip_bytes": len(gzip.compress(content, compresslevel=9, mtime=0))}


def accuracies(
    runners: Mapping[str, Runner],
    model: keras.Model,
    data: DataSet,
    split: Split,
    batch_size: int,
    task: Task = Task.single_label,
) -> dict[str, dict[str, float]]:
    """Score of each file over a split, and the largest difference of a probability from the model's.

    Returns:
      For each name: "accuracy", 0 to 1 (for multi_label, mean average precision), and "largest_difference".
    """
    largest, truth = dict.fromkeys(runners, 0.0), []
    kept: dict[str, list[np.ndarray]] = {name: [] for name in runners}
    expect = tf.function(
        lambda images: probabilities(task, model(images, training=False)), reduce_retracing=True
    )
    batches = data.evaluation_batches(split, resolution=model.input_shape[1], batch_size=batch_size)
    for images, labels in batches:
        with whole_float32():
            expected = expect(images).numpy()
        images, labels = images.numpy(), labels.numpy()
        truth.append(labels)
        for name, run in runners.items():
            logits = run(images)
            kept[name].append(logits if task is Task.multi_label else correct(labels, logits))
            difference = np.max(np.abs(probabilities(task, logits).numpy() - expected))
            if not np.isfinite(difference):
                raise DivergedError(
                    f"{name} answers with values that are no numbers. Fine-tune with a "
                    "lower --learning-rate; ptq-float16 needs weights within the range of float16."
                )
            largest[name] = max(largest[name], float(difference))
    return {
        name: {"accuracy": _scored(task, truth, kept[name]), "largest_difference": largest[name]}
        for name in runners
    }


def _scored(task: Task, truth: list[np.ndarray], kept: list[np.ndarray]) -> float:
    """The score of what was kept of each batch: which images are right, or for multi_label the logits."""
    found = np.concatenate(kept)
    if task is Task.single_label:
        return float(found.mean())
    return score(task, np.concatenate(truth), found)


def latencies(runners: Mapping[str, Runner], shape: tuple[int, ...]) -> dict[str, dict[int, float]]:
    """Median milliseconds of a batch of 1 and of 32, by file.

    The files take turns, so that other work on the machine affects all of them alike.

    Args:
      runners: The files by name.
      shape: Shape of one image, (r, r, C).
    """
    found: dict[str, dict[int, float]] = {name: {} for name in runners}
    for batch in BATCHES:
        images = np.random.default_rng(batch).integers(0, 256, (batch, *shape)).astype(np.float32)
        one_of_each = partial(_milliseconds, list(runners.values()), images)
        rounds = repeat(one_of_each, fewest=_FEWEST, most=_MOST, seconds=_SECONDS)
        for name, times in zip(runners, zip(*rounds, strict=True), strict=True):
            found[name][batch] = round(statistics.median(times), 4)
    return found


def _milliseconds(runners: Sequence[Runner], images: np.ndarray) -> list[float]:
    return [runner.milliseconds(images) for runner in runners]


def measure(
    content: Mapping[str, bytes],
    model: keras.Model,
    data: DataSet,
    batch_size: int,
    task: Task = Task.single_label,
) -> dict[str, MeasuredFile]:
    """Measures some files of one network, by name.

    Args:
      content: Bytes of the files.
      model: The Keras model that they were made from.
      data: Validation and test images.
      batch_size: Images per batch.
      task: Task of the network.

    Raises:
      ScaleNetError: If a file cannot be loaded, allocated or invoked.
    """
    runners = {name: Runner(file, threads=THREADS) for name, file in content.items()}
    test = accuracies(runners, model, data, "test", batch_size, task)
    validation = accuracies(runners, model, data, "validation", batch_size, task)
    latency = latencies(runners, model.input_shape[1:])
    return {
        name: MeasuredFile(
            FileFigures(
                **sizes(file),
                validation_accuracy=validation[name]["accuracy"],
                test_accuracy=test[name]["accuracy"],
                largest_difference=test[name]["largest_difference"],
            ),
            latency[name],
        )
        for name, file in content.items()
    }
