"""The cores that a process may use: those of its affinity, and no more than the quota of its container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scalenet_tf.utils import files, processes
from scalenet_tf.utils.processes import cpu_quota, exit_in_words, usable_cores


@pytest.mark.parametrize(
    ("contents", "cores"),
    [
        ({"cpu.max": "800000 100000\n"}, 8.0),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({}, None),
    ],
)
def test_the_quota_of_a_container(contents: dict[str, str], cores: float | None, tmp_path: Path) -> None:
    for name, text in contents.items():
        files.write_text(tmp_path / name, text)
    assert cpu_quota(tmp_path) == cores


@pytest.mark.parametrize(("quota", "cores"), [("20000", 1), ("6400000", None)])
def test_cores_beyond_the_quota_are_not_used(
    quota: str, cores: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "CGROUP", tmp_path / "none")
    without = usable_cores()
    assert 1 <= without <= (os.cpu_count() or 1)
    monkeypatch.setattr(processes, "CGROUP", tmp_path)
    files.write_text(tmp_path / "cpu.max", f"{quota} 100000\n")
    assert usable_cores() == (without if cores is None else cores)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (2, "exit code 2"),
        (-15, "SIGTERM"),
        (-9, "SIGKILL, probably because memory ran out"),
        (-999, "signal 999"),
    ],
)
def test_the_end_of_a_process_in_words(code: int, words: str) -> None:
    assert exit_in_words(code) == words
