from __future__ import annotations

import time
from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from scalenet_tf.utils.stopwatch import Stopwatch


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


@pytest.mark.parametrize("text", ["", "null", '{"seconds": 3}', '"three"'])
def test_what_is_no_number_is_named(tmp_path: Path, text: str) -> None:
    file = files.write_text(tmp_path / "seconds.json", text)
    with pytest.raises(ScaleNetError, match=r"seconds.json' is damaged: .*Remove it to continue"):
        Stopwatch(file)
