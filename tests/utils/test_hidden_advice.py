"""TensorFlow's advice in the processes of the command line, of members and of components."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from components.common.log import set_up as set_up_component
from scalenet_tf.cli import logs
from scalenet_tf.utils.child_log import set_up_child

RETRACED = """
from scalenet_tf.cli import logs
from scalenet_tf.utils.quiet_import import quiet_import
logs.set_up(quiet=False, verbose=False)
with quiet_import():
    import tensorflow as tf
traced = tf.function(lambda number: tf.constant(number))
for number in range(8):  # without the set-up, TensorFlow advises after the fifth
    traced(number)
tf.get_logger().error("an error")
"""


@pytest.mark.parametrize(
    ("set_up", "variable", "advised"),
    [
        (lambda: logs.set_up(quiet=False, verbose=False), "3", False),
        (lambda: logs.set_up(quiet=True, verbose=False), "3", False),
        (lambda: logs.set_up(quiet=False, verbose=True), "3", True),
        (lambda: logs.set_up(quiet=False, verbose=False), "1", True),
        (lambda: set_up_child(str(logging.INFO)), "3", False),
        (lambda: set_up_child(str(logging.DEBUG)), "3", True),
        (set_up_component, "3", False),
    ],
)
def test_advice_is_hidden_unless_details_are_asked_for(
    set_up: Callable[[], None], variable: str, advised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", variable)
    tensorflow = logging.getLogger("tensorflow")
    tensorflow.setLevel(logging.WARNING)
    set_up()
    assert tensorflow.isEnabledFor(logging.WARNING) == advised
    assert tensorflow.isEnabledFor(logging.ERROR)


def test_tensorflow_obeys_it() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", RETRACED]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stderr.strip().endswith("an error") and "retracing" not in done.stderr
