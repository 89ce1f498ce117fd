"""The command line, called in the process of a test."""

from __future__ import annotations

import sys

import pytest

from scalenet_tf.cli.main import main


def scalenet(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Calls `scalenet` with some arguments, and returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["scalenet", *arguments])
    monkeypatch.setattr("scalenet_tf.cli.main.raise_on_sigterm", lambda: None)
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)
