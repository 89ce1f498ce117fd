"""oneDNN's kernels: seen from outside in a fresh process, and left to whoever has decided."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from scalenet_tf.utils.kernels import ONEDNN, choose_kernels

X86 = platform.machine().lower() in ("x86_64", "amd64")
# A convolution, recorded by TensorFlow's profiler under the name of the kernel's operation.
CONVOLVE = """
import sys
from pathlib import Path
from scalenet_tf.utils.tf_setup import load_tensorflow
load_tensorflow()
import tensorflow as tf
convolve = tf.function(lambda x: tf.nn.conv2d(x, tf.ones([3, 3, 8, 8]), 1, "SAME"))
convolve(tf.ones([4, 16, 16, 8]))
tf.profiler.experimental.start(sys.argv[1])
convolve(tf.ones([4, 16, 16, 8]))
tf.profiler.experimental.stop()
print(b"_MklNativeConv2D" in next(Path(sys.argv[1]).rglob("*.xplane.pb")).read_bytes())
"""


@pytest.mark.skipif(not X86, reason="other processors keep TensorFlow's default")
@pytest.mark.parametrize(("variables", "expected"), [({}, "True"), ({ONEDNN: "0"}, "False")])
def test_a_convolution_runs_on_onednn_unless_it_is_turned_off(
    variables: dict[str, str], expected: str, tmp_path: os.PathLike[str]
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != ONEDNN} | variables
    done = subprocess.run(
        [sys.executable, "-c", CONVOLVE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.split()[-1] == expected


@pytest.mark.parametrize(
    ("machine", "loaded", "given", "expected"),
    [
        ("x86_64", False, None, "1"),
        ("AMD64", False, None, "1"),
        ("x86_64", False, "0", "0"),
        ("x86_64", True, None, None),
        ("aarch64", False, None, None),
        ("arm64", False, None, None),
    ],
)
def test_the_variable_is_set_on_x86_before_tensorflow_alone(
    machine: str, loaded: bool, given: str | None, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setenv(ONEDNN, given or "")
    if given is None:
        monkeypatch.delenv(ONEDNN)
    if loaded:
        monkeypatch.setitem(sys.modules, "tensorflow", sys)
    else:
        monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    choose_kernels()
    assert os.environ.get(ONEDNN) == expected
