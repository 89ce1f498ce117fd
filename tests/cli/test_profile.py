from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scalenet_tf.cli.main import app
from scalenet_tf.errors import ScaleNetError


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], r"give --run DIR, whose data is known, or --space NAME"),
        (["--run", "x", "--space", "small"], r"give --run DIR"),
        (["--run", "x", "--classes", "10"], r"give --run DIR"),
        (["--space", "small", "--stage", "4"], r"`--stage` must be S0 to S3 in space 'small'. Received: S4"),
        (["--space", "smal"], r"smal"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScaleNetError, match=message):
        CliRunner().invoke(app, ["profile", "blocks", *options], catch_exceptions=False)
    assert not list(tmp_path.iterdir())


def test_help_has_an_example() -> None:
    found = CliRunner().invoke(app, ["profile", "blocks", "--help"])
    assert found.exit_code == 0 and "Example: scalenet profile blocks --space small" in found.output
