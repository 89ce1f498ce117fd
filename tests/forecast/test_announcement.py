"""The line in which a run tells its work and its time."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.forecast.announcement import ForecastInLog, in_words
from scalenet_tf.forecast.duration import Forecast, StepForecast
from scalenet_tf.forecast.work import Images, StepWork
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import TrainingRow
from scalenet_tf.utils.value_file import write_value
from tests.helpers.stored import info_of


def row(step: int, images_per_second: float) -> TrainingRow:
    """A row of the training log."""
    return TrainingRow(
        step=step,
        loss=2.0,
        accuracy=0.1,
        stage_loss={},
        stage_accuracy={},
        gradient_norm=1.0,
        learning_rate=0.1,
        images_per_second=images_per_second,
    )


def said(run: Run, speeds: list[float], caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines that a training of these speeds in images per second gives."""
    caplog.clear()
    follower = ForecastInLog()
    follower.set_run(run)
    with caplog.at_level(logging.INFO, logger="scalenet_tf"):
        for number, speed in enumerate(speeds, start=1):
            follower.on_supernet_log(row(number * run.config.supernet.log_steps, speed))
    return [record.getMessage() for record in caplog.records]


def test_a_run_tells_its_time_once_when_its_speed_is_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    write_value(run.data_file, info_of())
    assert not said(run, [1.0], caplog)
    [slow] = said(run, [1e9, 0.01, 0.01], caplog)
    [fast] = said(run, [1e-9, 1e6], caplog)
    assert slow.startswith("the whole run: 40 steps of 32 images (") and "5 members, " in slow
    assert slow.split(";")[0] == fast.split(";")[0]
    assert " h" in slow.split(";")[1] and fast.split("; ")[1].startswith("at most about 0.")


def test_a_training_that_goes_back_is_timed_from_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    write_value(run.data_file, info_of())
    follower = ForecastInLog()
    follower.set_run(run)
    with caplog.at_level(logging.INFO, logger="scalenet_tf"):
        # After the first row the training diverged; it goes on from step 0.
        for step in (10, 10, 20):
            assert not caplog.records
            follower.on_supernet_log(row(step, 1000.0))
    assert len(caplog.records) == 1 and "at most about" in caplog.text


def test_the_multiply_adds_of_training_are_three_times_those_of_a_forward_pass() -> None:
    work = StepWork("retrain", "2 members, 3 epochs in all", Images(5, 1_000_000), Images(7, 500_000))
    assert in_words(Forecast((StepForecast(work, 90.0),))) == (
        "2 members, 3 epochs in all (3.5 M MACs); at most about 1 min 30 s at this speed"
    )


def test_a_forecast_that_fails_does_not_end_the_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["ladder.stage_tolerance=0.001"]))
    write_value(run.data_file, info_of())
    assert not said(run, [1.0, 1.0], caplog)
