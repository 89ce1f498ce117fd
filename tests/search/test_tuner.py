from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search import tuner as tuner_module
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import decode
from scalenet_tf.search.tuner import ScaleNetTuner
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from tests.helpers.tiny_search import CONFIG, SPACE, SUPERNET, score


def make(path: Path, score=score, **arguments) -> ScaleNetTuner:
    return ScaleNetTuner(ScaleNetOracle(SearchProblem(SPACE, CONFIG, 0), SUPERNET, **arguments), score, path)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "search"
    make(path).search()
    return path


def test_keras_tuners_own_tools_read_the_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tuner = make(project)
    best = tuner.oracle.get_best_trials(3)
    scores = sorted((t.score for t in tuner.oracle.trials.values()), reverse=True)
    assert [t.score for t in best] == scores[:3]
    tuner.results_summary(2)
    printed = capsys.readouterr().out
    assert f"Trial {best[0].trial_id} summary" in printed and f"Score: {best[0].score}" in printed
    assert "scaling_stage: 1" in printed or "scaling_stage: 0" in printed
    tuner.search_space_summary()
    assert "stage1_op3 (Choice)" in capsys.readouterr().out
    _, base, scaling = decode(SPACE, tuner.get_best_hyperparameters()[0].values)
    assert score(scale(SPACE, base, scaling)) == best[0].score


def test_a_finished_search_scores_nothing_again(project: Path) -> None:
    make(project, score=lambda subnet: pytest.fail("scored again")).search()


@pytest.mark.parametrize("left", ["KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT", "KERASTUNER_TUNER_ID"])
def test_a_variable_that_another_job_has_left_is_named(
    left: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(left, "8470")
    with pytest.raises(ScaleNetError, match=rf"the environment sets {left}=8470, but not .* another job"):
        make(tmp_path / "search")


def test_exceptions_and_nan_fail_a_trial_and_not_the_search(tmp_path: Path) -> None:
    calls: list[Subnet] = []

    def fragile(subnet: Subnet) -> float:
        calls.append(subnet)
        if len(calls) % 5 == 2:
            raise MemoryError("out of memory at this size")
        if len(calls) % 5 == 4:
            return float("nan") if len(calls) < 5 else 87.5
        return score(subnet)

    tuner = make(tmp_path / "search", fragile)
    tuner.search()
    trials = list(tuner.oracle.trials.values())
    assert tuner.oracle.core.finished and len(calls) == len(trials)
    assert "out of memory at this size" in trials[1].message
    assert "a score must be an accuracy from 0 to 1. Received: nan" in trials[3].message
    assert "a score must be an accuracy from 0 to 1. Received: 87.5" in trials[8].message
    failed = [t for t in trials if t.status == "FAILED"]
    assert [int(t.trial_id) % 5 for t in failed[:4]] == [1, 3, 1, 3]


def test_failed_trials_are_told_and_then_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[Subnet] = []

    def fragile(subnet: Subnet) -> float:
        calls.append(subnet)
        if len(calls) % 4 == 2:
            raise MemoryError(f"out of memory in call {len(calls)}")
        return score(subnet)

    make(tmp_path / "search", fragile).search()
    assert len(calls) > 40
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.split(",")[0] for text in told] == [
        *(f"search: trial {4 * n + 1:04d} failed" for n in range(3)),
        "search: 10 trials have failed by now",
    ]
    assert "out of memory in call 6" in told[1] and "out of memory in call 38" in told[3]
    caplog.clear()
    make(tmp_path / "search")  # What is read back has been told.
    assert not caplog.records


def test_damaged_images_end_the_search_and_fail_no_trial(tmp_path: Path) -> None:
    """A search that went on without them would have another result."""

    def damaged(subnet: Subnet) -> float:
        raise DamagedFileError("'cat.png' is damaged")

    with pytest.raises(DamagedFileError, match=r"^'cat.png' is damaged$"):
        make(tmp_path / "search", damaged).search()
    assert '"score"' not in (tmp_path / "search" / "trials.jsonl").read_text()
    make(tmp_path / "search").search()


def test_a_score_that_always_fails_stops_the_search_with_its_error(tmp_path: Path) -> None:
    def broken(subnet: Subnet) -> float:
        raise RuntimeError("no such checkpoint")

    with pytest.raises(
        ScaleNetError, match=r"(?s)all of its first 10 trials failed.*no such checkpoint.*Fix"
    ):
        make(tmp_path / "search", broken).search()


def test_an_interruption_leaves_the_search_to_be_resumed(project: Path, tmp_path: Path) -> None:
    calls: list[Subnet] = []

    def interrupted(subnet: Subnet) -> float:
        calls.append(subnet)
        if len(calls) == 30:
            raise KeyboardInterrupt
        return score(subnet)

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "search", interrupted).search()
    make(tmp_path / "search").search()
    assert (tmp_path / "search/trials.jsonl").read_bytes() == (project / "trials.jsonl").read_bytes()


def test_the_tuner_waits_longer_the_longer_there_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuner = make(tmp_path / "search")
    slept: list[float] = []
    monkeypatch.setattr(tuner_module.time, "sleep", slept.append)
    for _ in range(40):
        tuner.pre_create_trial()
    assert slept[0] == 0.0 and slept == sorted(slept) and slept[-1] == 1.0
    tuner.on_trial_begin(None)
    tuner.pre_create_trial()
    assert slept[-1] == 0.0


def test_results_are_reported_as_they_come(tmp_path: Path) -> None:
    told: list[int] = []
    make(tmp_path / "search", on_result=lambda oracle: told.append(oracle.core.progress.completed)).search()
    assert told == list(range(1, len(told) + 1)) and len(told) > 50
