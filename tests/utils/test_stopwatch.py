from __future__ import annotations

import time
from pathlib import Path

import pytest

from scalenet_tf.utils import files
from scalenet_tf.utils.stopwatch import Stopwatch
from tests.helpers.full_disk import full_disk


def test_seconds_add_up_over_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    first = Stopwatch(tmp_path / "step" / "seconds.json")
    now += 50
    first.note()
    now += 0.5
    first.note()  # Too soon: what follows is lost with the process.
    now += 0.25
    assert first.seconds == 50.75
    second = Stopwatch(tmp_path / "step" / "seconds.json")
    now += 7
    assert second.seconds == 57


@pytest.mark.parametrize(
    "text", ["", "null", '{"seconds": 3}', '"three"', "true", "-1", "NaN", "[" * 100_000]
)
def test_seconds_that_are_none_stop_nothing(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = files.write_text(tmp_path / "seconds.json", text)
    assert Stopwatch(file).seconds < 1
    assert f"{str(file)!r} is damaged: the seconds of earlier processes are lost" in caplog.text


def test_a_full_disk_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    watch = Stopwatch(tmp_path / "seconds.json")
    now += 50
    with full_disk(0):
        watch.note()
    assert not list(tmp_path.iterdir()) and watch.seconds == 50
