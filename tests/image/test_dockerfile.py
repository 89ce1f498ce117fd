"""Rules of the Dockerfile that need no container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig

import pytest

import scalenet_tf
from scalenet_tf.run.provenance import BUILT_FROM, UNKNOWN
from tests.helpers.dockerfile import ROOT, stages
from tests.test_packaging import read_setup

HEAD, BUILD, FINAL = stages()


def texts(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [text for found, text in stage if found == name]


def test_the_base_is_pinned_and_as_new_as_the_package_asks() -> None:
    pin, base = texts(HEAD, "ARG")
    found = re.fullmatch(r"PYTHON_VERSION=(\d+)\.(\d+)\.\d+", pin)
    assert found
    assert read_setup()["options"]["python_requires"].split(",")[0] == f">={found[1]}.{found[2]}"
    assert base == "BASE=python:${PYTHON_VERSION}-slim-bookworm"
    assert [texts(BUILD, "FROM"), texts(FINAL, "FROM")] == [["${BASE} AS build"], ["${BASE}"]]


def test_extras_are_those_of_the_package() -> None:
    (extras,) = texts(BUILD, "ARG")
    names = extras.removeprefix("EXTRAS=").split(",")
    assert set(names) <= set(read_setup()["options.extras_require"])
    assert (ROOT / "locks" / f"{','.join(names)}.txt").is_file()


def test_nothing_is_installed_from_the_index_without_a_hash() -> None:
    commands = [part for text in texts(BUILD, "RUN") for part in text.split("&&") if "pip" in part.split()[0]]
    assert len(commands) == 4
    for command in commands:
        local = "--no-index" in command or ("--no-deps" in command and command.strip().endswith(" ."))
        assert local or "--require-hashes" in command, command
        assert "install" in command or "--no-build-isolation" in command, command


def test_the_label_of_the_version_is_the_package_s() -> None:
    assert f"VERSION={scalenet_tf.__version__}" in texts(FINAL, "ARG")


def test_the_final_stage_builds_nothing_and_is_not_root() -> None:
    assert texts(FINAL, "RUN") == ["useradd --uid 10001 --create-home scalenet"]
    assert texts(FINAL, "USER") == ["10001"]
    assert texts(FINAL, "COPY") == ["--from=build /opt/scalenet /opt/scalenet"]


def test_a_runner_s_command_and_ours_both_work_and_logs_are_not_held_back() -> None:
    names = {name for stage in (BUILD, FINAL) for name, _ in stage}
    assert not names & {"ENTRYPOINT", "HEALTHCHECK", "ADD"}
    (environment,) = texts(FINAL, "ENV")
    assert environment.split()[:2] == ["PATH=/opt/scalenet/bin:$PATH", "PYTHONUNBUFFERED=1"]


def test_results_of_the_image_name_the_commit_that_it_was_built_from() -> None:
    assert texts(FINAL, "ENV")[0].split()[2:] == [f"{BUILT_FROM}=${{REVISION}}"]
    assert f"REVISION={UNKNOWN}" in texts(FINAL, "ARG")


def test_the_context_holds_what_is_copied_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert let_in == {name for text in texts(BUILD, "COPY") for name in text.split()[:-1]}


def test_hadolint_finds_nothing() -> None:
    linter = shutil.which("hadolint", path=sysconfig.get_path("scripts"))
    if linter is None:
        pytest.skip('hadolint is not installed: pip install "scalenet-tf[dev]"')
    result = subprocess.run([linter, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
