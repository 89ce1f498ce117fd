"""The interpreter that KFP's runner writes into shell commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.local.interpreter import plain_interpreter


def test_a_path_without_blanks_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3")
    with plain_interpreter() as python:
        assert python == "/usr/bin/python3"


def test_a_path_with_blanks_is_linked_and_finds_the_same_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = Path(sys.executable).relative_to(sys.prefix)
    place = tmp_path / "a b"
    place.symlink_to(sys.prefix)
    monkeypatch.setattr(sys, "prefix", str(place))
    monkeypatch.setattr(sys, "executable", str(place / name))
    code = "import pydantic; print(pydantic.__version__)"
    expected = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with plain_interpreter() as python:
        assert " " not in python
        # As KFP does it: in a shell, without quotes.
        found = subprocess.run(f"{python} -c '{code}'", shell=True, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, expected.stdout)
    assert not Path(python).exists()
