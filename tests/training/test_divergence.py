"""A diverging training rolls back once, then stops; neither time nor kills decide about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scalenet_tf.config import SupernetConfig
from scalenet_tf.errors import DivergedError
from scalenet_tf.run import Run
from scalenet_tf.training import train_supernet
from scalenet_tf.training.milestones import is_milestone
from tests.helpers.tiny_training import (
    finish,
    new_run,
    rows,
    start,
    wait_for_a_step,
    without_rates,
)


@pytest.mark.usefixtures("eager")
def test_divergence_rolls_back_once_and_then_stops_with_advice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # The rate rises by 2 a step: fine at first, hopeless soon, at half the rate too.
    run = new_run(
        tmp_path,
        "supernet.learning_rate=200000",
        "supernet.warmup_steps=100000",
        "supernet.clip_norm=1000000",
        "supernet.checkpoint_steps=1",
        "supernet.log_steps=1",
    )
    with pytest.raises(DivergedError, match=r"diverged at step \d+, again, after a roll-back"):
        train_supernet(run)
    assert "at 0.5 times the learning rate" in caplog.text
    assert not (run.supernet / "done.json").exists()


@pytest.mark.parametrize(
    ("checkpoint_steps", "expected"),
    [(10, [10, 20, 30]), (7, [10, 15, 25, 30]), (3, [5, 10, 15, 20, 25, 30]), (12, [15, 25])],
)
def test_milestones_lie_where_the_loss_was_just_judged(checkpoint_steps: int, expected: list[int]) -> None:
    config = SupernetConfig(log_steps=5, checkpoint_steps=checkpoint_steps)
    assert [step for step in range(1, 31) if is_milestone(step, config)] == expected


def first_divergence(run: Run) -> int:
    """The step at which a training first diverges; it is killed there."""
    process = start(run)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"diverged at step (\d+)", line):
                return int(found[1])
    finally:
        process.kill()
        process.communicate()
    raise AssertionError("it never diverged")


@pytest.mark.slow
def test_neither_time_nor_kills_decide_about_divergence(tmp_path: Path) -> None:
    rising = ("supernet.warmup_steps=100000", "supernet.learning_rate=15000", "supernet.clip_norm=1000000")
    # The rate rises until it is too much, whenever that is; a roll-back then leaves half of it for the rest.
    diverged = first_divergence(new_run(tmp_path / "first", *rising, "supernet.steps=400"))
    # Its milestone is half way there, at a rate that was fine: nearer, the weights may be spoilt already.
    rising += (f"supernet.steps={diverged + 5}", f"supernet.checkpoint_steps={diverged // 2 + 1}")
    whole = new_run(tmp_path / "whole", *rising)
    expected = finish(whole)
    assert expected["rollbacks"] == 1
    # Saved after each step, killed before and after the roll-back: a row of that step is written only then.
    killed = new_run(tmp_path / "killed", *rising, "supernet.checkpoint_minutes=0.000001")
    for step in (5, diverged):
        process = start(killed)
        wait_for_a_step(process, killed, step)
        process.kill()
        process.communicate()
    assert finish(killed)["weights_digest"] == expected["weights_digest"]
    assert without_rates(rows(killed)) == without_rates(rows(whole))
