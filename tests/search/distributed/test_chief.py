"""Both ends of the line in one process, over a real port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from scalenet_tf.config import SearchConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.chief import serve
from scalenet_tf.search.distributed.client import IDENTITY, ChiefLostError, OtherSearchError, PatientClient
from scalenet_tf.search.distributed.role import Role
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, protos
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, decode
from scalenet_tf.space.scaling import scale
from tests.helpers.confirmations import PROBLEM, confirmed
from tests.helpers.tiny_search import CONFIG, CONFIRMED, SPACE, SUPERNET, MadeUpTraining, score


def make(
    supernet: str = SUPERNET, config: SearchConfig = CONFIG, training: str | None = None, **arguments: float
) -> ScaleNetOracle:
    return ScaleNetOracle(SearchProblem(SPACE, config, 0), supernet, training, **arguments)


@pytest.fixture
def role(monkeypatch: pytest.MonkeyPatch) -> Role:
    """A worker's, at a free port, with Keras Tuner's variables set until the end of the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        role = Role("w0", "127.0.0.1", free.getsockname()[1])
    variables: dict[str, str] = {}
    role.enter(variables)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return role


@pytest.fixture
def chief(
    request: pytest.FixtureRequest, role: Role, tmp_path: Path
) -> Iterator[tuple[ScaleNetOracle, threading.Thread]]:
    """The chief of a search with `CONFIG`, or with the configuration that a test gives."""
    config = getattr(request, "param", CONFIG)
    oracle = make(config=config, training=MadeUpTraining.digest, lease_seconds=1.0)
    oracle._set_project_dir(str(tmp_path), "search")
    oracle.begin()
    thread = threading.Thread(target=serve, args=(oracle, 0.5), daemon=True)
    thread.start()
    yield oracle, thread
    oracle.failure = "the test is over"
    thread.join(20)
    oracle.end()


def test_a_worker_over_the_line_finds_what_one_process_finds(
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    oracle, thread = chief
    client = PatientClient(make())
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
    alone = make().core
    while (evaluation := alone.ask()) is not None:
        alone.tell(evaluation.number, score(evaluation.subnet))
    assert oracle.core.finished and oracle.core.best == alone.best  # scores came as doubles
    assert oracle.core.archive == alone.archive


@pytest.mark.parametrize("chief", [CONFIRMED], indirect=True)
def test_two_workers_confirm_the_finalists_that_one_process_confirms(
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    oracle, thread = chief
    training = MadeUpTraining.digest
    with pytest.raises(OtherSearchError, match="another training of the finalists: 'made up'"):
        PatientClient(make(config=CONFIRMED, training="another")).create_trial("w0")
    workers = {name: PatientClient(make(config=CONFIRMED, training=training)) for name in ("w0", "w1")}
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
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    stranger = PatientClient(make("f" * 16))
    text = (
        r"the chief searches with another super-supernet: '0123456789abcdef'\. Received: 'f{16}'\. Give this"
    )
    with pytest.raises(OtherSearchError, match=text):
        stranger.create_trial("w0")
    assert PatientClient(make()).create_trial("w1").status == "RUNNING"
    assert len(chief[0].trials) == 1


def test_a_worker_that_does_not_say_what_it_searches_is_refused(
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    stub, request = PatientClient(make()).stub, protos.get_service().CreateTrialRequest(tuner_id="w0")
    for metadata in ((), ((IDENTITY, "{}"),)):
        with pytest.raises(grpc.RpcError, match=r"cannot read which search .* same version of scalenet-tf"):
            stub.CreateTrial(request, wait_for_ready=True, timeout=20, metadata=metadata)
    assert not chief[0].trials


def test_signs_of_life_keep_a_long_trial_and_silence_loses_it(
    chief: tuple[ScaleNetOracle, threading.Thread],
) -> None:
    long, other = PatientClient(make(lease_seconds=1.0)), PatientClient(make())
    first = long.create_trial("w0")
    with long.heartbeats():
        time.sleep(1.5)
        assert other.create_trial("w1").trial_id != first.trial_id
    time.sleep(1.5)
    other.create_trial("w1")  # keeps its own
    assert other.create_trial("w2").trial_id == first.trial_id


def test_a_port_in_use_is_refused(chief: tuple[ScaleNetOracle, threading.Thread], role: Role) -> None:
    PatientClient(make()).create_trial("w0")  # it listens
    with pytest.raises(ScaleNetError, match=rf"the chief cannot listen on 127\.0\.0\.1:{role.port}: another"):
        serve(make())


def test_a_worker_without_a_chief_says_so(role: Role) -> None:
    with pytest.raises(
        ChiefLostError, match=r"has not answered for 0\.3 s\. Start it \(again\) with: scalenet search"
    ):
        PatientClient(make(), patience_seconds=0.3).create_trial("w0")
