"""Callbacks of a run: what they hear, and what becomes of one that fails."""

from __future__ import annotations

from typing import Any

import pytest

import scalenet_tf as sn
from scalenet_tf.job import STEPS
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import EpochRow
from scalenet_tf.tracking.callback import RunCallback
from scalenet_tf.tracking.events import job_step
from tests.helpers.listener import Listener

ROW = EpochRow(epoch=1, accuracy=0.5, loss=1.0, val_accuracy=0.5, val_loss=1.0)


def test_a_step_begins_and_ends_and_callbacks_know_the_run(family_run: Run) -> None:
    first, second = Listener(), Listener()
    sn.steps.scale(family_run, callbacks=[first, second])
    assert first.heard == second.heard == [("step_begin", "scale"), ("step_end", "scale")]
    assert first.run is family_run


@pytest.mark.usefixtures("few_draws")
def test_steps_of_a_job_tell_their_callbacks(finished_run: Run) -> None:
    listener = Listener()
    for step in STEPS:
        if step.name in ("scale", "report"):
            step.act(finished_run, callbacks=[listener])
    assert listener.heard == [
        (f"step_{when}", step) for step in ("scale", "report") for when in ("begin", "end")
    ]


def test_a_base_callback_does_nothing(family_run: Run) -> None:
    with job_step(family_run, "retrain", [RunCallback()]) as events:
        events.epoch_end("s0", ROW)
        events.end()


class Broken(RunCallback):
    def on_epoch_end(self, member: str, row: EpochRow) -> None:
        raise KeyError("nowhere")


def test_an_exception_names_the_callback_and_the_next_one_is_not_called(family_run: Run) -> None:
    listener = Listener()
    text = (
        r"`callbacks\[1\]`, a .*test_events\.Broken, failed in on_epoch_end: KeyError: 'nowhere'\. .* resumes"
    )
    with (
        pytest.raises(sn.ScaleNetError, match=text) as caught,
        job_step(family_run, "retrain", [RunCallback(), Broken(), listener]) as events,
    ):
        events.epoch_end("s0", ROW)
    assert isinstance(caught.value.__cause__, KeyError)
    assert listener.heard == [("step_begin", "retrain")]


@pytest.mark.parametrize("wrong", [print, object(), "tensorboard"])
def test_other_objects_are_refused_before_anything_begins(tmp_path: Any, wrong: Any) -> None:
    with pytest.raises(sn.ScaleNetError, match=r"`callbacks\[0\]` must be a scalenet_tf.RunCallback"):
        sn.search_family(run=tmp_path / "run", callbacks=[wrong])
    assert not (tmp_path / "run").exists()
