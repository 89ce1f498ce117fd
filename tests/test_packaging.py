"""The package as it is installed, and make's messages before anything is installed."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
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


def test_what_the_package_is_built_on_is_installed_without_an_extra() -> None:
    core = read_setup()["options"]["install_requires"]
    built_on = ("tensorflow", "keras", "tensorflow-datasets", "keras-tuner", "tensorflow-model-optimization")
    assert not [name for name in built_on if not re.search(rf"^{name} ", core, re.M)]


def test_the_index_page_has_absolute_links_alone() -> None:
    metadata = read_setup()["metadata"]
    page = (ROOT / metadata["long_description"].removeprefix("file: ")).read_text("utf-8")
    addresses = [line.split(" = ")[1] for line in metadata["project_urls"].strip().splitlines()]
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert addresses and links
    assert not [link for link in (*links, *addresses) if not link.startswith("https://")]


def test_the_oldest_python_is_named_everywhere() -> None:
    setup = read_setup()
    versions = re.findall(r"Python :: (3\.\d+)", setup["metadata"]["classifiers"])
    major, minor = versions[-1].split(".")
    assert setup["options"]["python_requires"] == f">={versions[0]},<{major}.{int(minor) + 1}"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert makefile.count(f"({major}, {minor[0]}1) <= sys.version_info < ({major}, {int(minor) + 1})") == 2
    oldest, *newer = (f"python{version}" for version in versions)
    # What is locked is for the oldest.
    assert f"in $(if $(LOCKED),,{' '.join(reversed(newer))}) {oldest} python3;" in makefile
    for page in ("README.md", "DESCRIPTION.md", "docs/index.md"):
        assert f"Python {versions[0]} to {versions[-1]} on" in (ROOT / page).read_text("utf-8")


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


def test_make_takes_the_newest_python_that_runs(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = clone / "programs"
    programs.mkdir()
    script(programs / "python3.13", "exit 127")  # as pyenv's, for a version that is not chosen
    script(programs / "python3.12", f'exec "{sys.executable}" "$@"')
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    # Variables of a `make test PYTHON=…` that runs this test.
    for name in ("PYTHON", "MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"):
        monkeypatch.delenv(name, raising=False)
    result = subprocess.run(
        ["make", "-n", "quickstart"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert '"python3.12" -m venv .venv' in result.stdout


def test_make_says_that_venv_is_missing(clone: Path) -> None:
    bare = script(clone / "bare python", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    message = make(clone, bare)
    assert "its ensurepip module is missing" in message
    assert "apt-get install python3.11-venv" in message
