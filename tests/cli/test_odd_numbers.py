"""Odd numbers among the options end in an error that names what is wrong."""

from __future__ import annotations

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli import app as pipelines_app
from scalenet_tf.cli.main import app
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run


@pytest.mark.parametrize(
    "words",
    [
        ["best", "--run", "RUN", "--max-macs", "nan"],
        ["best", "--run", "RUN", "--max-macs", "inf"],
        ["serve-check", "--run", "RUN", "--model", "s0", "--target", "x:1", "--tolerance", "inf"],
        ["best", "--run", "RUN", "--max-latency-ms", "nan"],
        ["serve-check", "--run", "RUN", "--model", "s0", "--target", "x:1", "--tolerance", "nan"],
        ["serve-check", "--run", "RUN", "--model", "s0", "--target", "x:1", "--timeout", "nan"],
        ["profile", "blocks", "--space", "small", "--minutes", "nan"],
        ["info", "data", "bundled", "--image-size", "1000000000"],
        ["info", "data", "bundled", "--image-size", "9" * 30],
        ["compress", "--run", "RUN", "--stage", "0", "--method", "prune", "--sparsity", "nan"],
        ["compress", "--run", "RUN", "--stage", "0", "--method", "prune", "--learning-rate", "inf"],
        ["train", "--run", "NEW", "--config", "smoke", "--seed", "9" * 30],
        ["search", "--run", "RUN", "--rounds", "9" * 30],
    ],
    ids=" ".join,
)
def test_they_are_refused(family_run: Run, words: list[str]) -> None:
    words = [{"RUN": str(family_run.path), "NEW": str(family_run.path / "new")}.get(w, w) for w in words]
    result = CliRunner().invoke(app, words)
    refused = isinstance(result.exception, ScaleNetError) or result.exit_code == 2  # by Typer
    assert refused, (result.output, result.exception)


@pytest.mark.parametrize(
    "words",
    [
        ["info", "recipe", "default", "--stages", "1000000000"],
        ["info", "family", "--classes", "9" * 30],
        ["info", "family", "--channels", "1000000000"],
        ["retrain", "--run", "x", "--jobs", "1000000000"],
        ["profile", "members", "--run", "x", "--threads", "1000000000"],
    ],
    ids=" ".join,
)
def test_amounts_are_bounded(words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


@pytest.mark.parametrize("option", ["--max-latency", "--max-memory", "--max-imbalance", "--min-accuracy"])
@pytest.mark.parametrize("odd", ["nan", "inf"])
def test_a_pipeline_refuses_them(option: str, odd: str) -> None:
    assert "run-local" in get_command(pipelines_app).commands  # type: ignore[attr-defined]
    result = CliRunner().invoke(pipelines_app, ["run-local", "--config", "smoke", option, odd])
    refused = isinstance(result.exception, ScaleNetError) or result.exit_code == 2  # by Typer
    assert refused, (result.output, result.exception)
