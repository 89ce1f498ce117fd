"""Children end with a parent that is killed, and the others do not notice."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from scalenet_tf.utils.processes import process_start

CHILD = """
import os, time
from scalenet_tf.utils.lifeline import end_with_parent
end_with_parent()
os.write(1, b"child\\n")
time.sleep(60)
"""
PARENT = """
import os, subprocess, sys, time
from scalenet_tf.utils.lifeline import LIFELINE, lifeline
with lifeline() as stdin:
    variables = LIFELINE if sys.argv[2] == "lifeline" else {}
    children = [
        subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=stdin, env={**os.environ, **variables})
        for _ in range(2)
    ]
    os.write(1, " ".join(str(child.pid) for child in children).encode() + b"\\n")
    time.sleep(60)
"""


def children_of(how: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Starts a parent of two children, which are past their beginning."""
    process = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, how], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    [numbers] = [line for line in lines if line != "child\n"]
    return process, [int(number) for number in numbers.split()]


def test_two_children_end_with_a_parent_that_is_killed() -> None:
    parent, children = children_of("lifeline")
    with parent:
        assert all(process_start(child) for child in children)
        parent.kill()
        deadline = time.monotonic() + 20
        while any(process_start(child) for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_command_that_a_user_starts_does_not_end_with_its_stdin() -> None:
    parent, children = children_of("none")
    with parent:
        parent.kill()
        time.sleep(0.5)
        assert all(process_start(child) for child in children)
        for child in children:
            os.kill(child, 9)
