"""Loads every SavedModel of a run with TensorFlow alone: `python -m scalenet_tf.serving.load RUN`.

It needs TensorFlow, and of this package only what this module imports: run it where the models are to
be served. The signatures of pixels are asked, with 1 and with 32 random images of a size that no model was
trained at.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.tf_setup import load_tensorflow
from scalenet_tf.utils.whole_float32 import whole_float32

HEIGHT, WIDTH = 47, 61
BATCHES = (1, 32)
MOST_ANSWERS = 5
TOLERANCE = 1e-4


def saved_models(run: Path) -> list[Path]:
    """Returns the folders of a run's SavedModels, S0 first."""
    return [
        graph.parent
        for member in RunFolder(run).member_folders
        for graph in sorted(member.glob("saved_model/*/saved_model.pb"))
    ]


def check(folder: Path) -> Iterator[str]:
    """Asks one SavedModel; yields a line for each call.

    Raises:
      ValueError: If an answer is not what the signature promises.
    """
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder))
    [spec] = loaded.signatures["serving_default"].structured_input_signature[1].values()
    shape = (max(BATCHES), HEIGHT, WIDTH, spec.shape[3])
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    expected = None
    for signature, dtype in (("serving_default", np.uint8), ("serving_float", np.float32)):
        for batch in sorted(BATCHES, reverse=True):
            sent = tf.constant(images[:batch].astype(dtype))
            begun = time.perf_counter()
            with whole_float32():
                given = loaded.signatures[signature](images=sent)
                answers = {key: value.numpy() for key, value in given.items()}
            milliseconds = 1000 * (time.perf_counter() - begun)
            if expected is None:
                expected = answers["probabilities"]
            problem = find_problem(answers, expected[:batch])
            call = f"{signature} {np.dtype(dtype).name} {list(sent.shape)}"
            if problem:
                raise ValueError(f"{call}: {problem}")
            yield f"{call}: right, first call {milliseconds:.0f} ms"


def find_problem(answers: dict[str, Any], expected: np.ndarray) -> str | None:
    """Returns what is wrong with the answers to a batch; `expected` are the first images' probabilities."""
    probabilities, ids, labels = (answers[key] for key in ("probabilities", "class_ids", "labels"))
    count, classes = expected.shape
    several = "present" in answers  # each class has a probability of its own, and all classes are named
    answered = (count, classes if several else min(MOST_ANSWERS, classes))
    if (probabilities.shape, ids.shape, labels.shape) != ((count, classes), answered, answered):
        return f"shapes {probabilities.shape}, {ids.shape}, {labels.shape}"
    # Written so that NaN fails too.
    if not several and not np.abs(probabilities.sum(axis=1) - 1).max() <= TOLERANCE:
        return "the probabilities of an image do not sum to 1"
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        return "a probability is not between 0 and 1"
    if not np.abs(probabilities - expected).max() <= TOLERANCE:
        return "an image's probabilities depend on its batch or on the signature"
    best = -np.sort(-probabilities, axis=1)[:, : answered[1]]
    if not np.array_equal(np.take_along_axis(probabilities, ids, axis=1), best):
        return "class_ids are not the likeliest classes, best first"
    return None


def main() -> int:
    """Returns 0 if all models answer, 1 if one does not, 2 if there are no models."""
    parser = argparse.ArgumentParser(
        "python -m scalenet_tf.serving.load",
        description="Load every SavedModel of runs with TensorFlow alone.",
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run that was exported")
    runs = parser.parse_args().runs
    load_tensorflow()
    # Whatever would import one of these fails, although they are installed beside TensorFlow.
    for name in ("keras", "tf_keras", "scalenet_tf"):
        sys.modules[name] = None  # type: ignore[assignment]
    failed = False
    for run in runs:
        folders = saved_models(run)
        if not folders:
            write_line(
                f"{run} holds no members/sN/saved_model. Export them with: scalenet export --run {run}"
            )
            return 2
        for folder in folders:
            try:
                for line in check(folder):
                    write_line(f"{folder}: {line}")
            # A SavedModel can fail in many ways: each is named, and the others are still looked at.
            except Exception as error:
                write_line(f"{folder}: {type(error).__name__}: {error}")
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
