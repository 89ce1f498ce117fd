"""`scalenet run --dry-run` on the bundled images: it measures and writes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scalenet_tf.cli.main import app


@pytest.mark.slow
def test_a_dry_run_measures_and_writes_nothing(tmp_path: Path) -> None:
    command = ["run", "--run", str(tmp_path / "new"), "--config", "smoke", "--dry-run"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    text = re.sub(r"\s+", " ", result.output)
    assert "16,000 images" in text and "40 steps of 32 images" in text
    assert "S0 400 k, S1 800 k, S2 1.6 M, S3 3.2 M, S4 6.4 M" in text
    times = re.findall(r"  (\d+(?:\.\d)? (?:s|min \d+ s))(?:  |$)", text)
    assert len(times) == 4
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_needs_a_run_or_a_configuration(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", "--run", str(tmp_path), "--dry-run"])
    assert result.exit_code != 0 and not list(tmp_path.iterdir())
