"""The package as it is installed, and make's messages before anything is installed."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

import scalenet_tf

ROOT = Path(scalenet_tf.__file__).resolve().parent.parent


def read_setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_file_that_is_not_code_is_package_data() -> None:
    package = ROOT / "scalenet_tf"
    patterns = read_setup()["options.package_data"]["scalenet_tf"].split()
    shipped = {file for pattern in patterns for file in package.glob(pattern)}
    present = {
        file
        for file in package.rglob("*")
        if file.is_file() and file.suffix not in (".py", ".pyc") and not file.name.startswith(".")
    }
    assert present == shipped
    assert all(list(package.glob(pattern)) for pattern in patterns)


def test_all_holds_every_other_extra_but_gpu() -> None:
    extras = read_setup()["options.extras_require"]
    (everything,) = extras["all"].split()
    named = set(everything.removeprefix("scalenet-tf[").removesuffix("]").split(","))
    assert named == set(extras) - {"all", "gpu"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A place with a space in its path, with what make reads."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def make(clone: Path, python: str) -> str:
    result = subprocess.run(
        ["make", "quickstart", f"PYTHON={python}"], cwd=clone, capture_output=True, text=True
    )
    assert result.returncode == 2
    assert not (clone / ".venv" / ".created").exists()
    return result.stderr


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_make_says_that_python_is_missing(clone: Path) -> None:
    assert "'no-such-python' is not installed. ScaleNet-TF needs Python 3.11" in make(clone, "no-such-python")


def test_make_says_that_python_is_too_old(clone: Path) -> None:
    old = script(clone / "old python", '[ "$1" = --version ] && echo Python 3.9.2; exit 1')
    assert f"'{old}' is Python 3.9.2. ScaleNet-TF needs Python 3.11" in make(clone, old)


def test_make_says_that_venv_is_missing(clone: Path) -> None:
    bare = script(clone / "bare python", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    message = make(clone, bare)
    assert "its ensurepip module is missing" in message
    assert "apt-get install python3.11-venv" in message
