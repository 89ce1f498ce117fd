"""Closed standard streams."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, sys
from scalenet_tf.utils.streams import open_standard_streams
open_standard_streams()
with open(sys.argv[1], "w") as file:
    assert file.fileno() > 2, file.fileno()
    for number in (1, 2):
        os.write(number, b"library")  # as TensorFlow does, past Python
    print("text", flush=True)
    print("text", file=sys.stderr, flush=True)
    assert sys.stdout.isatty() is False and sys.stdin.read() == ""
    file.write("content")
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(closed: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    command = ["sh", "-c", f'exec "$0" -c "$1" "$2" {closed}', sys.executable, CODE, str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert file.read_text() == "content"


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_commands_work_without_a_stream(closed: str) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m scalenet_tf.cli info config data {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
