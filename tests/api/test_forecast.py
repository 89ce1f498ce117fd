"""`forecast_family`: the work and time of a job before it begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import scalenet_tf as sn
from tests.helpers.image_folder import write_folder


def test_a_forecast_has_the_steps_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = sn.forecast_family(config="smoke", minutes=60)
    assert [step.work.step for step in found.steps] == ["train", "search", "retrain", "export"]
    assert found.seconds == pytest.approx(sum(step.seconds for step in found.steps)) and found.seconds > 1
    heading, train, *_, whole = str(found).split("\n")
    assert heading.split() == ["step", "work", "MACs", "about"]
    assert train.startswith("train    40 steps of 32 images") and whole.startswith("in all ")
    assert os.listdir() == []


@pytest.mark.parametrize("by_name", [True, False])
def test_the_configuration_fits_the_images_however_they_are_given(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, by_name: bool
) -> None:
    source = f"folder:{write_folder(tmp_path)}"
    settings: dict[str, Any] = {"data": source} if by_name else {"data.source": source}
    with (
        caplog.at_level("INFO", "scalenet_tf"),
        pytest.raises(sn.ScaleNetError, match="`minutes` must be"),  # before anything is measured
    ):
        sn.forecast_family(**settings, minutes=0)
    assert "configuration colour32, for colour images of about 12 px" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"config": "smoke", "minutes": 0}, r"`minutes` must be a number above 0\. Received: 0"),
        ({"config": "none"}, "none"),
        ({"config": "smoke", "sead": 1}, "unknown key `sead`.*Did you mean 'seed'"),
        ({"data": "nowhere"}, "nowhere"),
        ({"data": {"skip_corrupt": True}}, r"Received: dict\..* with dots: \*\*{'data\.skip_corrupt': True}"),
    ],
)
def test_what_cannot_be_forecast_is_refused(arguments: dict[str, object], expected: str) -> None:
    with pytest.raises(sn.ScaleNetError, match=expected):
        sn.forecast_family(**arguments)  # type: ignore[arg-type]


def test_a_file_may_be_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.yaml").write_text("stages: []")
    with pytest.raises(sn.ScaleNetError, match=rf"{tmp_path}/mine\.yaml"):
        sn.forecast_family(config="smoke", space="~/mine.yaml")
