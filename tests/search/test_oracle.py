from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.presets import load_space
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.keras_tuner_compat import Trial
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import decode
from scalenet_tf.utils import files
from tests.helpers.oracles import fail, finish, make, run_to_end, summary
from tests.helpers.tiny_search import CONFIG, SPACE

pytestmark = pytest.mark.usefixtures("released_projects")


def test_trial_n_is_the_cores_nth_ask(whole: tuple[ScaleNetOracle, Path]) -> None:
    core, trials = Mcea(SearchProblem(SPACE, CONFIG, 0)), list(whole[0].trials.values())
    for number, trial in enumerate(trials):
        evaluation = core.ask()
        assert evaluation is not None and int(trial.trial_id) == evaluation.number == number
        expected = (evaluation.scaling_stage, evaluation.base, evaluation.scaling)
        assert decode(SPACE, trial.hyperparameters.values) == expected
        core.tell(number, trial.score)
    assert core.finished and core.best == whole[0].core.best


def test_seed_zero_is_a_seed(whole: tuple[ScaleNetOracle, Path], tmp_path: Path) -> None:
    assert whole[0].seed == 0 and files.read_json(whole[1] / "oracle.json")["seed"] == 0
    assert summary(run_to_end(make(tmp_path / "same"))) == summary(whole[0])
    assert summary(run_to_end(make(tmp_path / "other", seed=1))) != summary(whole[0])


def test_failed_trials_are_told_and_the_search_goes_on(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        if int(trial.trial_id) % 7 == 3:
            fail(oracle, trial, "x" * 5000 + "\nResourceExhausted: out of memory")
        else:
            finish(oracle, trial)
    oracle.end()
    failed = [t for t in oracle.trials.values() if t.status == "FAILED"]
    assert oracle.failure is None and oracle.core.finished and len(failed) > 5
    assert all(t.message.endswith("out of memory") and len(t.message) <= 300 for t in failed)
    assert all(t.score is not None for t in oracle.get_best_trials(5))
    again = make(tmp_path / "search")
    assert summary(again) == summary(oracle)
    assert [t.message for t in again.trials.values()] == [t.message for t in oracle.trials.values()]


def test_when_all_trials_fail_the_search_stops_and_can_be_tried_again(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    oracle = make(tmp_path / "search", give_up_after=4)
    for _ in range(4):
        assert oracle.failure is None
        fail(oracle, oracle.create_trial("tuner0"))
    assert oracle.create_trial("tuner0").status == "STOPPED"
    assert oracle.failure is not None
    assert "all of its first 4 trials failed, the last one with:\nResourceExhausted" in oracle.failure
    oracle.end()
    assert summary(run_to_end(make(tmp_path / "search"))) == summary(whole[0])
    assert (tmp_path / "search/trials.jsonl").read_bytes() == (whole[1] / "trials.jsonl").read_bytes()


def test_a_worker_that_can_score_ends_the_failure_of_broken_ones(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search", give_up_after=4)
    slow = oracle.create_trial("slow")
    while oracle.failure is None:
        for worker in ("broken", "broken too"):
            if (trial := oracle.create_trial(worker)).status == "RUNNING":
                fail(oracle, trial)
    assert "all of its first 4 trials failed" in oracle.failure
    finish(oracle, slow)
    assert oracle.failure is None
    oracle.end()
    again = make(tmp_path / "search", give_up_after=4)
    assert again.failure is None and run_to_end(again).core.finished


def test_a_fault_that_begins_later_stops_the_search_and_costs_it_nothing(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    """Such as another process that takes the device's memory: what fails then is tried again."""
    oracle = make(tmp_path / "search", give_up_after=4)
    for fate in "ssfffssffffs":
        trial = oracle.create_trial("tuner0")
        if trial.status == "STOPPED":
            break
        finish(oracle, trial) if fate == "s" else fail(oracle, trial)
    assert trial.status == "STOPPED" and len(oracle.trials) == 11 and oracle.failure is not None
    assert "was stopped: its last 4 trials failed, the last one with:\nResourceExhausted" in oracle.failure
    oracle.end()
    again = make(tmp_path / "search", give_up_after=4)
    assert again.failure is None and again.end_order == [f"{n:04d}" for n in range(7)]
    while again.create_trial("tuner0").status != "STOPPED":
        finish(again, again.create_trial("tuner0"))
    assert [t.score is None for t in again.trials.values()].count(True) == 3  # those before a success
    assert again.core.finished and again.failure is None


def test_what_always_fails_stops_each_start_once(tmp_path: Path) -> None:
    starts, fates = 0, {}
    while starts < 10:
        starts += 1
        oracle = make(tmp_path / "search", give_up_after=4)
        while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
            fates[trial.trial_id] = 10 <= int(trial.trial_id) < 20
            fail(oracle, trial) if fates[trial.trial_id] else finish(oracle, trial)
        oracle.end()
        if oracle.failure is None:
            break
    assert starts == 3 and oracle.core.finished
    assert [t.score is None for t in oracle.trials.values()] == [*fates.values()]
    assert summary(make(tmp_path / "search", give_up_after=4)) == summary(oracle)


def test_a_first_round_without_a_base_is_tried_again(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    oracle = make(tmp_path / "search", give_up_after=10**6)
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        fail(oracle, trial) if oracle.core.progress.phase == "base" else finish(oracle, trial)
    assert "none of round 1 could" in str(oracle.failure)
    oracle.end()
    assert summary(run_to_end(make(tmp_path / "search"))) == summary(whole[0])
    assert (tmp_path / "search/trials.jsonl").read_bytes() == (whole[1] / "trials.jsonl").read_bytes()


def test_a_first_round_that_ends_with_a_score_is_tried_again(tmp_path: Path) -> None:
    """Two workers: what the one scores comes after the last failure of the other."""
    config = CONFIG.model_copy(update={"halving": 1.0})
    oracle = make(tmp_path / "search", config=config, give_up_after=10**6)
    slow: list[Trial] = []
    while (trial := oracle.create_trial("tuner0")).status != "STOPPED":
        if trial.status == "IDLE":
            finish(oracle, slow.pop())
        elif oracle.core.progress.phase != "base":
            finish(oracle, trial)
        elif decode(SPACE, trial.hyperparameters.values)[0] == 0:
            oracle.release(trial)
            slow.append(trial)
        else:
            fail(oracle, trial)
    assert "none of round 1 could" in str(oracle.failure)
    oracle.end()
    again = run_to_end(make(tmp_path / "search", config=config))
    alone = run_to_end(make(tmp_path / "other", config=config))
    assert summary(again) == summary(alone) and again.failure is None


def test_a_trial_costs_the_same_late_as_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space = load_space("paper")
    oracle = make(tmp_path / "search", space=space, config=SearchConfig(population=32, start_bases=2))
    writes: list[int] = []
    append = Journal.append
    monkeypatch.setattr(Journal, "append", lambda *a: (append(*a), writes.append(1))[0])
    monkeypatch.setattr(files, "write_json", lambda *a: pytest.fail("oracle.json is written once"))
    sizes = []
    for number in range(400):
        finish(oracle, trial := oracle.create_trial("tuner0"), (number % 97) / 97)
        sizes.append((tmp_path / "search" / "trials.jsonl").stat().st_size)
        assert trial.hyperparameters.space is oracle.hyperparameters.space  # declared once for all
    steps = [after - before for before, after in zip([0, *sizes], sizes, strict=False)]
    assert max(steps) <= 2048
    assert abs(sum(steps[:100]) - sum(steps[-100:])) < 0.1 * sum(steps[:100])
    assert len(writes) == 2 * 400
    there = sorted(p.name for p in (tmp_path / "search").iterdir())
    assert there == [".trials.jsonl.lock", "oracle.json", "trials.jsonl"]
