"""Windows: refused in one line, and what works there works."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets.published import published_member
from scalenet_tf.utils.system import check_system

# A process without what Windows' Python lacks; its name of the system is left, which other libraries ask for.
WITHOUT_POSIX = """
import os, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("sched_getaffinity", "fork", "getuid", "O_CLOEXEC"):
    delattr(os, name)
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", WITHOUT_POSIX + code], capture_output=True, text=True)


@pytest.mark.parametrize("name", ["linux", "darwin", "freebsd14"])
def test_posix_systems_are_fine(name: str) -> None:
    check_system(name)


@pytest.mark.parametrize("name", ["win32", "cygwin"])
def test_windows_is_refused_in_one_line_that_says_what_works(name: str) -> None:
    with pytest.raises(ScaleNetError) as refused:
        check_system(name)
    text = str(refused.value)
    assert "\n" not in text and "WSL 2" in text and "`scalenet_tf.presets`" in text


def test_the_command_is_refused_at_the_start() -> None:
    code = """
from scalenet_tf.utils import system
check = system.check_system
system.check_system = lambda: check("win32")
from scalenet_tf.cli.main import main
sys.argv = ["scalenet", "info", "config"]
main()
"""
    result = python(code)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("scalenet: runs need Linux or macOS") and result.stderr.count("\n") == 1


def test_spaces_costs_and_architectures_work_without_posix() -> None:
    code = """
import scalenet_tf as sn
from scalenet_tf.costs.macs import cost
from scalenet_tf.presets.published import published_member
space = sn.load_space("small")
base = sn.draw_subnet(space, seed=0, step=0).base
print(cost(sn.scale(space, base, sn.Scaling.of(1.2, 1.2, 20))).macs > 0, cost(published_member("s0")).macs)
"""
    result = python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"True {cost(published_member('s0')).macs}\n"


@pytest.mark.slow
def test_models_work_without_posix() -> None:
    code = """
from scalenet_tf.presets import ScaleNetS0
model = ScaleNetS0(classes=3, input_shape=(32, 32, 3))
model.compile("sgd", "categorical_crossentropy")
import numpy as np
model.fit(np.zeros((2, 32, 32, 3)), np.eye(3)[:2], verbose=0)
print(model.output_shape)
"""
    result = python(code)
    assert result.returncode == 0 and result.stdout == "(None, 3)\n", result.stderr
