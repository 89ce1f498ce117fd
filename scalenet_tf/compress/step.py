"""Compression of one member in a separate process; this one loads no TensorFlow."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scalenet_tf.compress.metrics import CompressedMetrics, model_damage, other_weights, read_compressed
from scalenet_tf.compress.options import (
    OPTIONS_OF,
    CompressOptions,
    Method,
    check_measurable,
    check_method,
    fine_tunes,
)
from scalenet_tf.config import recipe_of
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import own_training_parts
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.locks import member_lock, step_lock
from scalenet_tf.utils.child_error import read_error
from scalenet_tf.utils.child_log import child_level, start_relay
from scalenet_tf.utils.lifeline import LIFELINE, lifeline
from scalenet_tf.utils.log import plain_stream
from scalenet_tf.utils.processes import exit_in_words
from scalenet_tf.utils.progress import bar_console, hidden

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CompressedMember:
    """A finished compression.

    Attributes:
      folder: Folder of model.tflite and metrics.json.
      metrics: Options and figures.
    """

    folder: Path
    metrics: CompressedMetrics


def compress_member(
    run: Run | str | Path, stage: int, method: str, options: CompressOptions | None = None
) -> CompressedMember:
    """Compresses a trained member to members/sN/compressed/METHOD/model.tflite and measures the file.

    The file takes images [N, r, r, C] in 0…255 at the member's resolution, uint8 for the int8 methods and
    float32 for the others, and returns float32 logits [N, classes]; the network itself scales the images.
    qat-int8, prune and cluster fine-tune on the run's training images, without an own loss and augmentation
    of `MemberTraining`. The file and the member's float32 file are run in LiteRT's interpreter to measure
    accuracy on the validation and test split, size, latency with one thread, and the largest difference of a
    probability from the Keras model's.

    Args:
      run: A run that trained the member, or its path.
      stage: Scaling stage of the member.
      method: "ptq-int8", "ptq-float16", "qat-int8", "prune" or "cluster".
      options: Epochs, learning rate, sparsity and so on. Default: `CompressOptions()`.

    Returns:
      The folder and its figures; a finished compression is returned as it is.

    Raises:
      ScaleNetError: If the member is not trained, LiteRT is not installed, the method or an option is not
        valid, one that the method reads differs from that of a finished compression, or the file cannot be
        run.

    Example:
      >>> compress_member("runs/first", 0, "ptq-int8").metrics.test_accuracy
    """
    run = given_run(run)
    options, method = options or CompressOptions(), check_method(method)
    folder = run.member_files(stage).compressed(method).folder
    finished = _finished(run, stage, method, options)
    if finished is not None:
        return finished
    check_measurable()
    if fine_tunes(method) and (names := own_training_parts(run)):
        logger.warning(
            f"s{stage} was trained with {names}, which a fine-tuning for {method} does not use: it takes the "
            "loss of the recipe, and the configured augmentation."
        )
    with step_lock(run.path, f"{member_lock(stage)}-{method}"):
        _in_own_process(run, stage, method, options, folder)
    finished = _finished(run, stage, method, options)
    if finished is None:
        raise AssertionError(f"{str(folder)!r} is not there")
    return finished


def _finished(run: Run, stage: int, method: Method, options: CompressOptions) -> CompressedMember | None:
    metrics = read_compressed(run, stage, method)
    if metrics is None:
        return None
    files = run.member_files(stage).compressed(method)
    wrong = other_weights(run, stage, metrics) or model_damage(metrics, files)
    if wrong is not None:
        logger.warning("%s. The member is compressed again.", wrong)
        return None
    folder = files.folder
    made, given = (_used(run, stage, method, values) for values in (metrics.options, options))
    changed = sorted(name for name in given if given[name] != made[name])
    if changed:
        raise InvalidInputError(
            f"{str(folder)!r} was made with other options (they differ in: {', '.join(changed)}). Move that "
            "folder away to compress the member again, or give the options it was made with."
        )
    return CompressedMember(folder, metrics)


def _used(run: Run, stage: int, method: Method, options: CompressOptions) -> dict[str, object]:
    """Returns the options that a method reads, with the values that it takes where none are given."""
    config = run.config
    defaults = {"seed": config.seed, "batch_size": recipe_of(config.members, stage).batch_size}
    values = {name: getattr(options, name) for name in OPTIONS_OF[method]}
    return {name: defaults.get(name) if value is None else value for name, value in values.items()}


def _in_own_process(run: Run, stage: int, method: str, options: CompressOptions, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary, lifeline() as stdin:
        failure = Path(temporary) / "error.json"
        words = [str(run.path), str(stage), method, options.model_dump_json(), str(folder), str(failure)]
        command = [sys.executable, "-m", "scalenet_tf.compress.worker", *words, child_level()]
        # On a terminal the child shows its own bar; stdout may have to hold JSON alone.
        alone = hidden(bar_console()) or plain_stream() == "stderr"
        output = subprocess.PIPE if alone else None
        environment = {**os.environ, **LIFELINE}
        process = subprocess.Popen(command, env=environment, stdin=stdin, stdout=output, text=True)
        reader = start_relay(process.stdout, logger) if process.stdout else None
        try:
            code = process.wait()
        finally:
            # The process may be killed at any time: files are written whole or not at all.
            process.kill()
            process.wait()
            if reader:
                reader.join()
        if error := read_error(failure):
            raise error
    if code == 130:
        raise KeyboardInterrupt
    if code:
        raise ScaleNetError(
            f"the compression of s{stage} by {method} failed with {exit_in_words(code)}; the lines above say "
            "more. Nothing was written."
        )
