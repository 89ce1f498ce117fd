"""Accuracy of a member's exported and compressed files, each in its own runtime."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

from scalenet_tf.compress.file_kinds import checked_kind
from scalenet_tf.compress.metrics import check_compressed
from scalenet_tf.compress.options import METHODS
from scalenet_tf.data.dataset import Split
from scalenet_tf.export.parity import Batch, ways_to_ask
from scalenet_tf.members.evaluation import EvaluationResult, Scorer, images_for, load_member
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import loading
from scalenet_tf.run.exports import Format
from scalenet_tf.run.given_run import given_run


def evaluate_file(
    run: Run | str | Path,
    stage: int,
    file: str,
    data: str | None = None,
    split: Split = "test",
    *,
    skip_corrupt: bool = False,
) -> EvaluationResult:
    """Measures the score of an exported or compressed file of a trained member, see `evaluate_member`.

    A SavedModel resizes images itself, so it gets them as stored, in uint8. The other files get images that
    the input pipeline has resized to the resolution of the network.

    Args:
      run: Run with the exported or compressed member, or its path.
      stage: Scaling stage of the member, from 0.
      file: Export format "saved_model", "keras", "litert", "litert-float16" or "onnx", or compression method
        "ptq-int8", "ptq-float16", "qat-int8", "prune" or "cluster".
      data: Source of new images, see `evaluate_member`. Default: the data of the run.
      split: Split of the run's data to evaluate: "train", "validation" or "test".
      skip_corrupt: Whether to leave out new images that cannot be decoded, rather than raise.

    Returns:
      The result of the evaluation.

    Raises:
      ScaleNetError: If there is no such file or its runtime is not installed, or in the cases of
        `evaluate_member`.

    Example:
      >>> evaluate_file("runs/first", 2, "ptq-int8").accuracy
    """
    run = given_run(run)
    score = load_file(run, stage, file)
    member = load_member(run, stage)
    given = images_for(member, run, data, split, skip_corrupt)
    stored = file == Format.saved_model
    size = given.data.info.image_size if stored else member.subnet.resolution
    return given.evaluation(given.score(score, split, size, run.config.search.batch_size), split)


def load_file(run: Run, stage: int, file: str) -> Scorer:
    """Loads a file of a member as a function from images to scores.

    Args:
      run: Run with the exported or compressed member.
      stage: Scaling stage of the member, from 0.
      file: Export format or compression method, see `evaluate_file`.

    Raises:
      ScaleNetError: If there is no such file, it is damaged, or its runtime is not installed.
    """
    if checked_kind(file) in METHODS:
        return Runner(check_compressed(run, stage, file))
    form = Format(file)
    with loading(run, stage, form) as folder:
        # Of a SavedModel's signatures the first is serving_default.
        ask = next(iter(ways_to_ask(folder, form, run.config.task).values()))
    return lambda images: ask(Batch(tf.cast(images, tf.uint8), images))
