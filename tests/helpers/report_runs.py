"""Finished runs as reports meet them: with sample predictions, with many classes, with several labels."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from scalenet_tf.config import DataConfig, Task
from scalenet_tf.run import Run
from scalenet_tf.run.config_file import write_config_file
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.samples import Answer, Sample, Samples
from scalenet_tf.utils.value_file import write_value


def picture(number: int, side: int = 28) -> str:
    """A grey JPEG file in base64."""
    pixels = np.random.default_rng(number).integers(0, 256, (side, side)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return base64.b64encode(buffer.getvalue()).decode()


def sample(position: int, true: int, *answers: tuple[int, float]) -> Sample:
    return Sample(
        position=position,
        classes=(true,),
        answers=tuple(Answer(class_id=number, probability=share) for number, share in answers),
        jpeg=picture(position),
    )


def add_samples(run: Run, classes: int = 10) -> None:
    """Gives every member of a finished run sample predictions."""
    right = tuple(sample(k, k % classes, (k % classes, 0.93), (1, 0.05)) for k in range(12))
    wrong = tuple(sample(20 + k, k % classes, ((k + 1) % classes, 0.99 - k / 100)) for k in range(12))
    for stage in run.family().stages:
        samples = Samples(right=right, wrong=wrong, mistakes=321, images=1000)
        write_value(run.member_files(stage).samples, samples)


def with_classes(run: Run, classes: int, name: str = "class {}") -> None:
    """Makes a finished run one of many classes, the first of which is mixed up with the last."""
    counts = {split: tuple(range(1, classes + 1)) for split in ("train", "validation", "test")}
    labels = tuple(name.format(number) for number in range(classes))
    changes = {"classes": classes, "labels": labels, "class_counts": counts}
    write_value(run.data_file, run.data_info().model_copy(update=changes))
    table = 10 * np.eye(classes, dtype=int)
    table[0, -1] = 30
    for stage in run.family().stages:
        own = {
            "confusion": tuple(map(tuple, table.tolist())),
            "class_accuracy": (0.25, *[1.0] * (classes - 1)),
        }
        metrics = trained_metrics(run, stage).model_copy(update=own)
        write_value(run.member_files(stage).metrics, metrics)


def as_multi_label(run: Run) -> Run:
    """Makes a finished run one of several labels for an image."""
    write_config_file(run, run.config.model_copy(update={"task": Task.multi_label, "data": DataConfig()}))
    for stage in run.family().stages:
        own = {
            "confusion": None,
            "class_accuracy": None,
            "calibration_error": None,
            "class_average_precision": (*[0.75] * 9, None),
        }
        metrics = trained_metrics(run, stage).model_copy(update=own)
        write_value(run.member_files(stage).metrics, metrics)
    return Run.open(run.path)
