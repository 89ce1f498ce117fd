"""No option or argument is empty, so that a variable that is not set is no run in the working directory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipelines.cli import main as pipelines
from scalenet_tf.cli.main import main
from scalenet_tf.cli.words import check_words
from scalenet_tf.errors import InvalidInputError


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["train", "--config", "smoke", "--run", ""], "--run"),
        (["train", "--config", "smoke", "--run="], "--run"),
        (["train", "--config", "", "--run", "new"], "--config"),
        (["predict", "", "--run", "new", "--stage", "0"], "an argument"),
        (["info", "run", " "], "an argument"),
        (["info", "run", "--", ""], "an argument"),
    ],
    ids=" ".join,
)
def test_an_empty_word_is_refused(
    words: list[str],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["scalenet", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert f"scalenet: {name} must not be empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_pipeline_refuses_it_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["pipelines", "run-local", "--root", ""])
    with pytest.raises(SystemExit):
        pipelines()
    assert "pipelines: --root must not be empty" in capsys.readouterr().err


def test_a_key_may_be_emptied() -> None:
    check_words(["train", "--run", "new", "--set", "tpu=", "--set=tpu="])
    with pytest.raises(InvalidInputError, match="--set must not be empty"):
        check_words(["train", "--set="])
