"""Both ends of the line in one process, over a real port."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.chief import serve
from scalenet_tf.search.distributed.client import (
    ChiefLostError,
    OtherSearchError,
)
from scalenet_tf.search.distributed.credentials import Credentials
from scalenet_tf.search.distributed.role import Role
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, decode
from scalenet_tf.space.scaling import scale
from tests.helpers.chiefs import make, worker
from tests.helpers.confirmations import PROBLEM, confirmed
from tests.helpers.tiny_search import CONFIRMED, SPACE, MadeUpTraining, score


def test_a_worker_over_the_line_finds_what_one_process_finds(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    oracle, thread = chief
    client = worker(tmp_path)
    while (trial := client.create_trial("w0")).status != "STOPPED":
        _, base, scaling = decode(SPACE, trial.hyperparameters.values)
        assert client.get_trial(trial.trial_id).metrics.exists(OBJECTIVE) is False
        for _ in range(2):  # every call may come twice
            client.update_trial(trial.trial_id, {OBJECTIVE: score(scale(SPACE, base, scaling))})
        trial.status = "COMPLETED"
        client.end_trial(trial)
        client.end_trial(trial)
    thread.join(20)
    assert not thread.is_alive()  # it leaves by itself once its worker knows
    assert not (tmp_path / "search" / "secret").exists()
    alone = make().core
    while (evaluation := alone.ask()) is not None:
        alone.tell(evaluation.number, score(evaluation.subnet))
    assert oracle.core.finished and oracle.core.best == alone.best  # scores came as doubles
    assert oracle.core.archive == alone.archive


@pytest.mark.parametrize("chief", [CONFIRMED], indirect=True)
def test_two_workers_confirm_the_finalists_that_one_process_confirms(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    oracle, thread = chief
    training = MadeUpTraining.digest
    with pytest.raises(OtherSearchError, match="another training of the finalists: 'made up'"):
        worker(tmp_path, make(config=CONFIRMED, training="another")).create_trial("w0")
    workers = {name: worker(tmp_path, make(config=CONFIRMED, training=training)) for name in ("w0", "w1")}
    trained: dict[str, int] = dict.fromkeys(workers, 0)
    while not oracle.over:
        held = {name: client.create_trial(name) for name, client in workers.items()}
        for name in reversed(list(held)):  # Results come in another order than the trials.
            trial = held[name]
            if trial.status != "RUNNING":
                continue
            stage, base, scaling = decode(SPACE, trial.hyperparameters.values)
            subnet = scale(SPACE, base, scaling)
            value = score(subnet)
            if CONFIRM_EPOCHS in trial.hyperparameters.values:
                value = MadeUpTraining().accuracy(subnet, stage)
                trained[name] += 1
            workers[name].update_trial(trial.trial_id, {OBJECTIVE: value})
            trial.status = "COMPLETED"
            workers[name].end_trial(trial)
    for name, client in workers.items():
        assert client.create_trial(name).status == "STOPPED"
    thread.join(20)
    assert min(trained.values()) > 1
    assert oracle.confirmation.results == confirmed(PROBLEM).results


def test_another_super_supernet_is_refused_and_the_search_goes_on(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    stranger = worker(tmp_path, make("f" * 16))
    text = (
        r"the chief searches with another super-supernet: '0123456789abcdef'\. Received: 'f{16}'\. Give this"
    )
    with pytest.raises(OtherSearchError, match=text):
        stranger.create_trial("w0")
    assert worker(tmp_path).create_trial("w1").status == "RUNNING"
    assert len(chief[0].trials) == 1


def test_signs_of_life_keep_a_long_trial_and_silence_loses_it(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    long, other = worker(tmp_path, make(lease_seconds=1.0)), worker(tmp_path)
    first = long.create_trial("w0")
    with long.heartbeats(first.trial_id):
        time.sleep(1.5)
        assert other.create_trial("w1").trial_id != first.trial_id
    time.sleep(1.5)
    other.create_trial("w1")  # keeps its own
    assert other.create_trial("w2").trial_id == first.trial_id


def test_signs_of_life_say_which_trial_a_worker_has(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    oracle, _ = chief
    client = worker(tmp_path, make(lease_seconds=1.0))
    first, second = client.create_trial("w0"), client.create_trial("w1")
    for trial in (first, second):
        oracle.requeue(oracle.known(trial.trial_id))  # as after a restart of the chief
    with client.heartbeats(first.trial_id):
        end = time.monotonic() + 20
        while not oracle.ongoing_trials and time.monotonic() < end:
            time.sleep(0.02)
    assert [trial.trial_id for trial in oracle.ongoing_trials.values()] == [first.trial_id]
    assert worker(tmp_path).create_trial("w2").trial_id == second.trial_id


@pytest.mark.parametrize("chief", [6.0], indirect=True)
def test_a_chief_waits_for_a_worker_that_still_computes(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    """The heartbeats are farther apart than the silence that it waits for otherwise."""
    oracle, thread = chief
    client = worker(tmp_path, make(lease_seconds=6.0))
    trial = client.create_trial("w0")
    with client.heartbeats(trial.trial_id):
        oracle.failure = "enough"
        time.sleep(2.5)
        assert thread.is_alive()
    client.update_trial(trial.trial_id, {OBJECTIVE: 0.5})
    trial.status = "COMPLETED"
    client.end_trial(trial)
    assert oracle.end_order == [trial.trial_id]
    assert client.create_trial("w0").status == "STOPPED"
    thread.join(2)
    assert not thread.is_alive()


def test_a_chief_whose_search_goes_on_lingers_again_at_its_end(
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    oracle, thread = chief
    for failure, seconds in (("all trials failed", 0.2), (None, 0.4)):
        oracle.failure = failure
        time.sleep(seconds)
    oracle.failure, begun = "all trials failed", time.monotonic()
    thread.join(20)
    assert time.monotonic() - begun >= 0.5


def test_a_port_in_use_is_refused(
    chief: tuple[ScaleNetOracle, threading.Thread], role: Role, tmp_path: Path
) -> None:
    worker(tmp_path).create_trial("w0")  # it listens
    with pytest.raises(ScaleNetError, match=rf"the chief cannot listen on 127\.0\.0\.1:{role.port}: another"):
        serve(make(), Credentials(tmp_path / "search" / "secret"))


def test_a_worker_without_a_chief_says_so(role: Role, tmp_path: Path) -> None:
    secret = tmp_path / "search" / "secret"
    with pytest.raises(ChiefLostError, match=r"waited 0\.3 s for the secret .*secret' is not there\. Start"):
        worker(tmp_path, patience_seconds=0.3).create_trial("w0")
    Credentials(secret).of_chief()
    with pytest.raises(
        ChiefLostError, match=r"has not answered for 0\.3 s\. Start it \(again\) with: scalenet search"
    ):
        worker(tmp_path, patience_seconds=0.3).create_trial("w0")
