"""Replays a SavedModel's warm-up requests as the server does: `python -m scalenet_tf.serving.replay MODEL`.

A line for each request says how long the response took. Needs TensorFlow and this package, no Keras.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.system_errors import user_errors
from scalenet_tf.utils.tf_setup import load_tensorflow


def main() -> int:
    """Returns 0 if every request is answered, 2 if a model cannot be loaded or a request fails."""
    parser = argparse.ArgumentParser(
        "python -m scalenet_tf.serving.replay", description="Replay the warm-up requests of a SavedModel."
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="its folder, such as serving/models/s1/1")
    folder = parser.parse_args().model
    try:
        with user_errors():
            load_tensorflow()
            from scalenet_tf.serving.session import replay

            replayed = replay(folder)
    except ScaleNetError as error:
        write_line(f"replay: {error}", sys.stderr)
        return 2
    for done in replayed:
        write_line(f"{done.signature} [{done.batch}]: {1000 * done.seconds:.1f} ms")
    if not replayed:
        write_line(f"{folder} has no warm-up requests. `scalenet export` and `serve-files` write them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
