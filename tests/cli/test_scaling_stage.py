from __future__ import annotations

import pytest
import typer

from scalenet_tf.cli.scaling_stage import parse_model, parse_stage
from scalenet_tf.run import Run
from tests.helpers.called import scalenet
from tests.helpers.trials import write_trials


@pytest.mark.parametrize("word", ["S1", "s1", "1", 1, " s01 "])
def test_three_ways_to_name_a_stage(word: str | int) -> None:
    assert parse_stage(word) == 1
    assert parse_model(str(word)) == "s1"


@pytest.mark.parametrize("word", ["", "s", "-1", "s-1", "1.5", "t1", "s1s", "９x", "1" * 40])
def test_other_words_are_no_stage(word: str) -> None:
    with pytest.raises(
        typer.BadParameter, match=r"must be a scaling stage, such as S1, s1 or 1\. Received: "
    ):
        parse_stage(word)
    assert parse_model(word) == word


@pytest.mark.parametrize(
    "command",
    [
        ("retrain",),
        ("export",),
        ("evaluate",),
        ("predict", "cat.jpg"),
        ("transfer", "--data", "bundled", "--output", "other"),
        ("compress", "--method", "ptq-int8"),
        ("profile", "members"),
    ],
)
def test_a_stage_that_is_not_there_is_refused_with_those_that_are(
    command: tuple[str, ...],
    family_run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(family_run.path.rglob("*"))
    assert scalenet(monkeypatch, *command, "--run", str(family_run.path), "--stage", "s17") == 2
    assert "must be one of S0, S1, S2, S3, the members of the run" in (err := capsys.readouterr().err)
    assert "Received: S17" in err
    assert sorted(family_run.path.rglob("*")) == before


def test_best_takes_the_same_words(
    searched_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_trials(searched_run)
    outputs = set()
    for word in ("S1", "s1", "1"):
        assert scalenet(monkeypatch, "best", "--run", str(searched_run.path), "--stage", word) == 0
        outputs.add(capsys.readouterr().out)
    assert len(outputs) == 1
    assert scalenet(monkeypatch, "best", "--run", str(searched_run.path), "--stage", "S9") == 2
    assert "`stage` must be 0 to" in capsys.readouterr().err
