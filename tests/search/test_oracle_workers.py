"""Workers that die, are slow, or end in any order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from keras_tuner import HyperParameters

from scalenet_tf.search.journal import Journal
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, Trial
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.trial_values import decode
from tests.helpers.clock import Clock
from tests.helpers.oracles import fail, finish, make, summary
from tests.helpers.tiny_search import SPACE

pytestmark = pytest.mark.usefixtures("released_projects")


def test_workers_that_end_in_any_order_find_the_same(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    rng, oracle = random.Random(0), make(tmp_path / "search")
    held: dict[str, Trial] = {}
    idle = 0
    while True:
        worker = rng.choice(["a", "b", "c"])
        if worker in held and rng.random() < 0.6:
            finish(oracle, held.pop(worker))
            continue
        trial = oracle.create_trial(worker)
        if trial.status == "STOPPED":
            break
        if trial.status == "IDLE":
            idle += 1
        else:
            held[worker] = trial
    assert not held and idle > 0
    assert summary(oracle) == summary(whole[0])
    oracle.end()
    assert summary(make(tmp_path / "search")) == summary(whole[0])  # the rows stand in another order


def test_a_dead_workers_trial_is_handed_out_again_and_the_first_result_stands(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", lease_seconds=60, clock=clock)
    lost = oracle.create_trial("slow")
    clock.now = 59.0
    assert oracle.create_trial("quick").trial_id != lost.trial_id
    clock.now = 61.0
    again = oracle.create_trial("other")
    assert again.trial_id == lost.trial_id
    finish(oracle, again, 0.5)
    finish(oracle, lost, 0.25)  # the slow worker was not dead after all
    assert oracle.trials[lost.trial_id].score == 0.5
    assert oracle.end_order == [lost.trial_id]
    assert [row["score"] for row in Journal(tmp_path / "search/trials.jsonl").read() if "score" in row] == [
        0.5
    ]


def test_silent_workers_do_not_keep_the_chief(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", lease_seconds=60, clock=clock)
    oracle.create_trial("a")
    clock.now = 50.0
    oracle.create_trial("b")
    assert oracle.tuner_ids == {"a", "b"}
    clock.now = 70.0
    assert oracle.tuner_ids == {"b"}


def test_a_worker_that_asks_again_gets_the_same_trial(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    assert oracle.create_trial("a") is oracle.create_trial("a")
    assert len(oracle.trials) == 1


def test_a_score_that_went_to_a_chief_that_died_is_scored_again(tmp_path: Path) -> None:
    first = make(tmp_path / "search")
    trial = first.create_trial("a")
    first.update_trial(trial.trial_id, {OBJECTIVE: 0.5})
    first.end()
    second = make(tmp_path / "search")
    trial.status = "COMPLETED"
    second.end_trial(trial)
    assert second.end_order == []
    again = second.create_trial("a")
    assert again.trial_id == trial.trial_id and again.hyperparameters.values == trial.hyperparameters.values
    finish(second, again)
    assert second.end_order == [trial.trial_id]


def test_a_trial_survives_the_wire(whole: tuple[ScaleNetOracle, Path]) -> None:
    for trial in list(whole[0].trials.values())[:20]:
        sent = HyperParameters.from_proto(trial.hyperparameters.to_proto())
        assert decode(SPACE, sent.values) == decode(SPACE, trial.hyperparameters.values)


def test_what_fails_on_one_worker_is_tried_by_another(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    """One worker fails at once whatever it gets, the other scores: the search is that of the other alone."""
    oracle, broken = make(tmp_path / "search"), 0
    while (trial := oracle.create_trial("sound")).status != "STOPPED":
        if trial.status == "RUNNING":
            finish(oracle, trial)
        if (trial := oracle.create_trial("broken")).status == "RUNNING":
            fail(oracle, trial)
            broken += 1
    assert broken > 5 and oracle.failure is None
    assert summary(oracle) == summary(whole[0])
    oracle.end()
    assert summary(make(tmp_path / "search")) == summary(whole[0])


def test_a_fault_in_taking_a_result_ends_the_search_of_all_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else they would wait for a result that the core never takes."""

    def fault(number: int, score: float | None) -> None:
        raise LookupError("a fault of ours")

    oracle = make(tmp_path / "search")
    trial, other = oracle.create_trial("a"), oracle.create_trial("b")
    with monkeypatch.context() as patch:
        patch.setattr(oracle.core, "tell", fault)
        with pytest.raises(LookupError, match="a fault of ours"):
            finish(oracle, trial)
    assert oracle.over and str(oracle.failure).endswith("of trial 0000 failed: LookupError: a fault of ours")
    finish(oracle, other)
    assert oracle.create_trial("b").status == "STOPPED"


def test_a_broken_worker_that_a_new_chief_hears_first_costs_no_candidates(
    whole: tuple[ScaleNetOracle, Path], tmp_path: Path
) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", chief=True, lease_seconds=60, clock=clock)
    seen: set[str] = set()
    while (trial := oracle.create_trial("broken")).status == "RUNNING":
        assert trial.trial_id not in seen
        seen.add(trial.trial_id)
        fail(oracle, trial)
        oracle.end_trial(trial)  # every call may come twice
    assert len(seen) > 5 and oracle.end_order == []
    clock.now = 30.0
    while (trial := oracle.create_trial("sound")).status != "STOPPED":
        finish(oracle, trial)
    assert summary(oracle) == summary(whole[0])


def test_a_broken_worker_that_stays_alone_fails_its_trials(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", chief=True, lease_seconds=60, clock=clock, give_up_after=4)
    while (trial := oracle.create_trial("broken")).status == "RUNNING":
        fail(oracle, trial)
    clock.now = 61.0
    while (trial := oracle.create_trial("broken")).status == "RUNNING":
        fail(oracle, trial)
    assert trial.status == "STOPPED" and "trials failed, the last one with" in str(oracle.failure)


def begun_again(path: Path, clock: Clock) -> ScaleNetOracle:
    """A chief that begins after one that had given trials to the workers a and b."""
    first = make(path, chief=True, lease_seconds=60, clock=clock)
    assert [first.create_trial(worker).trial_id for worker in "ab"] == ["0000", "0001"]
    first.end()
    return make(path, chief=True, lease_seconds=60, clock=clock)


def test_a_new_chief_leaves_workers_the_trials_that_they_have(tmp_path: Path) -> None:
    clock = Clock()
    oracle = begun_again(tmp_path / "search", clock)
    assert oracle.create_trial("c").trial_id == "0002"  # a and b may be there
    clock.now = 9.0
    oracle.heartbeat("b", "0001")
    oracle.heartbeat("a", "0000")
    clock.now = 15.0
    assert {worker: trial.trial_id for worker, trial in oracle.ongoing_trials.items()} == {
        "a": "0000",
        "b": "0001",
        "c": "0002",
    }
    assert oracle.create_trial("d").trial_id == "0003" and oracle.heard_within(60) == {"a", "b", "c", "d"}


def test_a_trial_whose_worker_is_not_heard_goes_to_another_one(tmp_path: Path) -> None:
    clock = Clock()
    oracle = begun_again(tmp_path / "search", clock)
    oracle.heartbeat("a", "0000")
    clock.now = 13.0
    assert oracle.create_trial("c").trial_id == "0001"
    oracle.heartbeat("b", "0001")  # too late: it stays with c, and the first result counts
    assert oracle.ongoing_trials["c"].trial_id == "0001" and "b" not in oracle.ongoing_trials
    finish(oracle, oracle.trials["0001"])
    for trial_id in ("0001", "0099", "x"):
        oracle.heartbeat("b", trial_id)
    assert "b" not in oracle.ongoing_trials and oracle.create_trial("b").trial_id == "0002"


def test_a_sign_of_life_that_comes_late_brings_no_failed_trial_back(tmp_path: Path) -> None:
    oracle = make(tmp_path / "search")
    oracle.create_trial("other")
    fail(oracle, trial := oracle.create_trial("broken"))
    oracle.heartbeat("broken", trial.trial_id)
    assert oracle.create_trial("broken").trial_id != trial.trial_id
    assert oracle.create_trial("third").trial_id == trial.trial_id


def test_what_fails_on_two_workers_has_failed(tmp_path: Path) -> None:
    clock = Clock()
    oracle = make(tmp_path / "search", lease_seconds=60, clock=clock)
    oracle.create_trial("other")
    trial = oracle.create_trial("first")
    fail(oracle, trial)
    assert trial.trial_id not in oracle.end_order
    assert oracle.create_trial("first").trial_id != trial.trial_id
    assert oracle.create_trial("third").trial_id == trial.trial_id
    fail(oracle, trial)
    assert oracle.end_order == [trial.trial_id] and oracle.trials[trial.trial_id].status == "FAILED"
    alone = oracle.create_trial("third")
    clock.now = 61.0  # The others have been silent.
    oracle.create_trial("third")
    fail(oracle, alone)
    assert oracle.end_order == [trial.trial_id, alone.trial_id]
