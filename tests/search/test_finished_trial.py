"""Trials as callbacks of a search receive them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.finished_trial import FinishedTrial, finished_trials
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.step import run_search
from scalenet_tf.search.trial_values import decode
from scalenet_tf.space.scaling import scale
from tests.helpers.tiny_search import IMAGES, SPACE, SUPERNET, new_run, result_of, score, search

DIGESTS = {"data": "digest", "supernet": SUPERNET}


def test_each_result_is_told_once_in_the_order_of_the_journal(tmp_path: Path) -> None:
    run, told = new_run(tmp_path / "run"), list[FinishedTrial]()
    run_search(
        run, SPACE, score, images_per_trial=IMAGES, digests=DIGESTS, progress=False, on_trial=told.append
    )
    rows = Journal(run.trials_file).read()
    assert [trial.trial for trial in told] == [row["trial"] for row in rows if "score" in row]
    for trial in told:
        stage, base, scaling = decode(SPACE, trial.values)
        assert (stage, trial.epochs, trial.message) == (trial.scaling_stage, 0, None)
        assert trial.score == score(scale(SPACE, base, scaling))
    progress = [trial.progress for trial in told]
    assert None not in progress and progress[-1] == 1.0 and 0 <= min(progress) < 0.3  # type: ignore[type-var]
    read = finished_trials(rows)
    assert [vars(t) | {"progress": None} for t in told] == [vars(t) for t in read]


def test_an_error_of_a_callback_ends_the_search_which_then_resumes(tmp_path: Path) -> None:
    whole, stopped = new_run(tmp_path / "whole"), new_run(tmp_path / "stopped")
    search(whole)
    error = ScaleNetError("the callback failed")

    def refuse(trial: FinishedTrial) -> None:
        if trial.trial == 5:
            raise error

    def go_on() -> None:
        run_search(
            stopped, SPACE, score, images_per_trial=IMAGES, digests=DIGESTS, progress=False, on_trial=refuse
        )

    with pytest.raises(ScaleNetError) as caught:
        go_on()
    assert caught.value is error
    assert len(finished_trials(Journal(stopped.trials_file).read())) == 6
    go_on()
    assert result_of(stopped.search_result_file) == result_of(whole.search_result_file)
