"""Lines of components and of the library below them are JSON, each with its severity."""

from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest

from components.common.log import log


def test_component_and_library_write_json_lines_by_one_handler(capsys: pytest.CaptureFixture[str]) -> None:
    log("pusher", "pushed", destination="models/s0/1", message="100%")
    log("pusher", "not pushed", "WARNING", reasons=["a", "b"])
    library = logging.getLogger("scalenet_tf.training.loop")
    library.debug("hidden")
    library.warning("super-supernet: diverged at step %d", 3)
    streams = capsys.readouterr()
    lines = [json.loads(line) for line in streams.out.splitlines()]
    assert streams.err == ""
    assert all(datetime.fromisoformat(line.pop("time")).utcoffset() is not None for line in lines)
    assert lines == [
        {
            "severity": "INFO",
            "component": "pusher",
            "event": "pushed",
            "destination": "models/s0/1",
            "message": "100%",
        },
        {"severity": "WARNING", "component": "pusher", "event": "not pushed", "reasons": ["a", "b"]},
        {
            "severity": "WARNING",
            "logger": "scalenet_tf.training.loop",
            "message": "super-supernet: diverged at step 3",
        },
    ]
