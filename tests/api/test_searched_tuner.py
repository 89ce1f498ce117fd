"""A search as a Keras Tuner object, and models from its hyperparameters."""

from __future__ import annotations

from pathlib import Path

import keras
import keras_tuner
import pytest

import scalenet_tf as sn
from scalenet_tf.run import Run
from scalenet_tf.search.finished_trial import finished_trials
from scalenet_tf.search.journal import Journal
from tests.helpers.tiny_search import CONFIRMED, new_run, search


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    found = new_run(tmp_path_factory.mktemp("runs") / "first", config=CONFIRMED)
    search(found)
    return found


def test_the_best_trials_are_those_of_the_search(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    tuner = sn.tuner(run.path)
    assert isinstance(tuner, keras_tuner.Tuner)
    trials = [trial for trial in finished_trials(Journal(run.trials_file).read()) if not trial.epochs]
    assert len(tuner.oracle.trials) == len(trials)
    best = sorted(trials, key=lambda trial: -(trial.score or 0))[:3]
    assert [values.values for values in tuner.get_best_hyperparameters(3)] == [t.values for t in best]
    assert [trial.score for trial in tuner.oracle.get_best_trials(3)] == [t.score for t in best]
    tuner.results_summary(2)
    text = capsys.readouterr().out
    assert f"Trial {best[0].trial:04d} summary" in text and f"Score: {best[0].score}" in text
    tuner.search_space_summary()
    assert "resolution (Choice)" in capsys.readouterr().out


def test_hyperparameters_make_a_plain_keras_model(run: Run) -> None:
    tuner = sn.tuner(run)
    [best] = tuner.get_best_hyperparameters()
    model = sn.model_from_hyperparameters(run.path, best)
    assert type(model).__module__.startswith("keras.")
    side = best.get("resolution")
    assert (model.input_shape, model.output_shape) == ((None, side, side, 1), (None, 10))
    assert model.count_params() == tuner.hypermodel.build(best).count_params()
    again = sn.model_from_hyperparameters(run, dict(best.values))
    assert isinstance(again, keras.Model) and again.get_config().keys() == model.get_config().keys()


def test_what_it_cannot_do_says_what_can(run: Run) -> None:
    tuner, before = sn.tuner(run), sorted(path.name for path in run.search.iterdir())
    with pytest.raises(sn.ScaleNetError, match=r"reads a search\. Continue .* sn\.search_family"):
        tuner.search()
    with pytest.raises(sn.ScaleNetError, match=r"model of its own\. Build one with model_from_hyper"):
        tuner.get_best_models()
    with pytest.raises(sn.ScaleNetError, match=r"`hyperparameters` must be those .*space 'tiny'.*KeyError"):
        sn.model_from_hyperparameters(run, {"resolution": 32})
    assert sorted(path.name for path in run.search.iterdir()) == before


def test_without_a_trial_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(sn.ScaleNetError, match=r"no trial with a result yet.*scalenet search --run"):
        sn.tuner(new_run(tmp_path / "run"))
