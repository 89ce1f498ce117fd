"""A training with shared weights, sandwich, distillation and average: stopped and resumed as the same one."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.models.supernet import weights_digest
from scalenet_tf.run import Run
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.log import TrainingLog
from scalenet_tf.utils.signals import Terminated
from tests.helpers.tiny_training import new_run, result, rows, without_rates

SWITCHES = (
    "supernet.steps=12",
    "supernet.sandwich=stage",
    "supernet.distillation=true",
    "supernet.ema_decay=0.9",
    "supernet.sharing=slot",
    "supernet.draw=budget",
    "supernet.stage_weights=resolutions",
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = new_run(tmp_path_factory.mktemp("switches"), *SWITCHES)
    train_supernet(run)
    return run


@pytest.mark.slow
def test_a_stopped_training_goes_on_as_the_same(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path, *SWITCHES)
    advance = TrainingLog.advance
    steps: list[Any] = []

    def stopping(self: TrainingLog) -> None:
        advance(self)
        steps.append(self)
        if len(steps) == 8:  # one after a milestone, in the middle of the log's rows
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(TrainingLog, "advance", stopping)
    with pytest.raises(KeyboardInterrupt):
        train_supernet(run)
    assert len(steps) == 8
    train_supernet(run)
    assert len(steps) == 12
    assert result(run) == result(trained)
    assert without_rates(rows(run)) == without_rates(rows(trained))


@pytest.mark.usefixtures("eager")
def test_a_signal_while_the_last_step_is_saved_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path, "supernet.steps=1", "supernet.warmup_steps=0")
    save = Checkpoints.save

    def interrupted(self: Checkpoints, position: Position, milestone: bool) -> None:
        if position.step == 1:
            signal.raise_signal(signal.SIGTERM)
        save(self, position, milestone)

    with monkeypatch.context() as patched, pytest.raises(Terminated):
        patched.setattr(Checkpoints, "save", interrupted)
        train_supernet(run)
    assert not run.supernet_done_file.is_file()
    train_supernet(run)
    assert run.supernet_done_file.is_file()


@pytest.mark.usefixtures("eager")
def test_search_and_members_get_the_average_and_the_last_weights_can_be_had(tmp_path: Path) -> None:
    trained = new_run(tmp_path, *SWITCHES, "supernet.steps=2")
    train_supernet(trained)
    done = result(trained)
    assert done["weights_digest"] != done["last_weights_digest"]
    assert weights_digest(load_supernet(trained)) == done["weights_digest"]
    assert weights_digest(load_supernet(trained, averaged=False)) == done["last_weights_digest"]
