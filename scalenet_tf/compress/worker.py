"""Compresses one member by one method: `python -m scalenet_tf.compress.worker RUN STAGE METHOD …`.

It runs in a separate process, since tensorflow-model-optimization decides for a whole process which Keras is
tf.keras.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from scalenet_tf.compress.metrics import CompressedMetrics, CompressionEnvironment
from scalenet_tf.compress.options import CompressOptions, Method, check_method
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.member_files import CompressedFiles
from scalenet_tf.utils import files, tf_setup
from scalenet_tf.utils.child_error import write_error
from scalenet_tf.utils.child_log import set_up_child
from scalenet_tf.utils.digest import file_digest
from scalenet_tf.utils.lifeline import end_with_parent
from scalenet_tf.utils.signals import raise_on_sigterm
from scalenet_tf.utils.system_errors import user_errors
from scalenet_tf.utils.tf_setup import load_tensorflow
from scalenet_tf.utils.value_file import write_value


def compress(run: Run, stage: int, method: Method, options: CompressOptions, folder: Path) -> None:
    """Writes model.tflite and metrics.json to `folder`, or nothing if it fails."""
    import keras
    import tf_keras

    from scalenet_tf.compress.finetune import FineTuning
    from scalenet_tf.compress.litert import convert_float
    from scalenet_tf.compress.measure import THREADS, measure
    from scalenet_tf.compress.methods import COMPRESS, CompressionInput
    from scalenet_tf.compress.tf_keras_model import build_tf_keras_model
    from scalenet_tf.config import recipe_of
    from scalenet_tf.data import open_data
    from scalenet_tf.data.damage import damage_named
    from scalenet_tf.members.evaluation import load_member
    from scalenet_tf.models.weights import digest
    from scalenet_tf.run.provenance import provenance

    started = time.monotonic()
    data = open_data(run)
    member = load_member(run, stage)
    recipe = recipe_of(run.config.members, stage)
    tuning = FineTuning(f"s{stage} {method}", run, data, recipe, options)
    for library in (keras, tf_keras):
        library.utils.set_random_seed(_global_seed(tuning.seed))
    with damage_named(data):
        content = COMPRESS[method](CompressionInput(member, tuning))
        plain = convert_float(build_tf_keras_model(member.subnet, member.model))
        # Measure first: a file that cannot be run is never written.
        files_of = {"float": plain, method: content}
        found = measure(files_of, member.model, data, run.config.search.batch_size, member.task)
    own, float_file = found[method], found["float"]
    metrics = CompressedMetrics(
        method=method,
        options=options,
        input="uint8" if method.endswith("int8") else "float32",
        output="float32 logits",
        resolution=member.subnet.resolution,
        **dict(own.figures),
        float=float_file.figures,
        provenance=provenance(run, data=data.info.digest, weights=digest(member.model)),
        environment=CompressionEnvironment.now(
            time.monotonic() - started,
            latency_ms=own.latency_ms,
            float_latency_ms=float_file.latency_ms,
            latency_threads=THREADS,
        ),
    )

    def fill(temporary: Path) -> None:
        written = CompressedFiles(temporary)
        files.write_bytes(written.model, content)
        write_value(written.metrics, metrics.model_copy(update={"digest": file_digest(written.model)}))

    files.write_folder(folder, fill)


def _global_seed(seed: int) -> int:
    """Returns a seed for NumPy's global generator, which takes 32 bits."""
    return seed if seed < 2**32 else int(np.random.SeedSequence(seed).generate_state(1)[0])


def main(run: str, stage: str, method: str, options: str, folder: str, failure: str, level: str) -> int:
    """Returns the exit code that `scalenet` would; the error for the user goes to the file `failure`."""
    end_with_parent()
    raise_on_sigterm()
    set_up_child(level)
    try:
        with user_errors():
            load_tensorflow()
            opened = Run.open(run)
            tf_setup.setup(fast=opened.config.fast)
            compress(
                opened,
                int(stage),
                check_method(method),
                CompressOptions.model_validate_json(options),
                Path(folder),
            )
    except ScaleNetError as error:
        write_error(failure, error)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
