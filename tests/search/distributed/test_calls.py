"""Calls of strangers and malformed calls: refused, and the search goes on."""

from __future__ import annotations

import math
import random
import re
import threading
from pathlib import Path

import grpc
import pytest

from scalenet_tf.search.distributed.calls import IDENTITY, SIGNATURE, TRIAL
from scalenet_tf.search.distributed.client import RefusedCallError, pack
from scalenet_tf.search.distributed.credentials import sign
from scalenet_tf.search.distributed.role import Role
from scalenet_tf.search.keras_tuner_compat import OBJECTIVE, SERVICE, protos
from scalenet_tf.search.oracle import ScaleNetOracle
from tests.helpers.chiefs import call, worker


def refusal(*arguments: object) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as refused:
        call(*arguments)  # type: ignore[arg-type]
    return refused.value.code(), refused.value.details()


SERVICES = protos.get_service()
CREATE = SERVICES.CreateTrialRequest(tuner_id="w0").SerializeToString()


def test_a_stranger_gets_no_trial_and_learns_nothing(
    chief: tuple[ScaleNetOracle, threading.Thread], role: Role, tmp_path: Path
) -> None:
    oracle, _ = chief
    known = worker(tmp_path)
    known.create_trial("w0")
    identity, body = pack(oracle.identity), CREATE
    for secret, own in ((None, ""), (None, identity), (b"guessed", identity), (b"guessed", "{}"), (b"", "")):
        for method in ("CreateTrial", "UpdateTrial", "EndTrial"):
            code, text = refusal(role, method, body, secret, own)
            assert code is grpc.StatusCode.UNAUTHENTICATED
            assert text.startswith("this call is not signed with the secret of the search. Give the worker")
            assert not any(str(value) in text for value in oracle.identity.model_dump().values() if value)
    for method in ("GetSpace", "UpdateSpace", "GetTrial", "GetBestTrials"):
        assert refusal(role, method, b"", None, "")[0] is grpc.StatusCode.UNIMPLEMENTED
    assert len(oracle.trials) == 1
    assert known.create_trial("w1").status == "RUNNING"


def test_a_signature_holds_for_its_call_alone(
    chief: tuple[ScaleNetOracle, threading.Thread], role: Role, tmp_path: Path
) -> None:
    worker(tmp_path).create_trial("w0")
    secret, identity = (tmp_path / "search" / "secret").read_bytes().strip(), pack(chief[0].identity)
    other = SERVICES.CreateTrialRequest(tuner_id="w1").SerializeToString()
    headers = ((IDENTITY, identity), (SIGNATURE, sign(secret, "CreateTrial", identity, CREATE)))
    with grpc.insecure_channel(f"{role.host}:{role.port}") as channel:
        create, end = (channel.unary_unary(f"/{SERVICE}/{name}") for name in ("CreateTrial", "EndTrial"))
        create(CREATE, timeout=20, metadata=headers)
        for method, body, more in (
            (create, other, ()),
            (end, CREATE, ()),
            (create, CREATE, ((TRIAL, "0000"),)),
        ):
            with pytest.raises(grpc.RpcError, match="not signed with the secret"):
                method(body, timeout=20, metadata=(*headers, *more))


def update(trial_id: str, **metrics: float) -> bytes:
    message: bytes = SERVICES.UpdateTrialRequest(trial_id=trial_id, metrics=metrics).SerializeToString()
    return message


def end(trial_id: str, status: str) -> bytes:
    trial = protos.get_proto().Trial(trial_id=trial_id, status=status)
    message: bytes = SERVICES.EndTrialRequest(trial=trial).SerializeToString()
    return message


MALFORMED = {
    "unknown trial": (
        "UpdateTrial",
        update("x", accuracy=0.5),
        "there is no trial 'x' in this search",
    ),
    "unknown end": ("EndTrial", end("x", "COMPLETED"), "there is no trial 'x' in this search"),
    "not a number": ("UpdateTrial", update("0000", accuracy=math.nan), "from 0 to 1. Received: nan"),
    "too good": ("UpdateTrial", update("0000", accuracy=1e6), "from 0 to 1. Received: 1000000.0"),
    "negative": ("UpdateTrial", update("0000", accuracy=-0.1), "from 0 to 1. Received: -0.1"),
    "no score": ("UpdateTrial", update("0000"), "one metric, 'accuracy'. Received: 0"),
    "two scores": ("UpdateTrial", update("0000", accuracy=0.5, loss=0.1), "one metric.* Received: 2"),
    "no end": (
        "EndTrial",
        end("0000", "UNKNOWN"),
        "a trial ends as COMPLETED, INVALID, FAILED",
    ),
    "not yet": ("EndTrial", end("0000", "RUNNING"), "a trial ends as COMPLETED.* Received: RUNNING"),
    "no name": ("CreateTrial", b"", "1 to 200 printable characters. Received: ''"),
    "long name": (
        "CreateTrial",
        SERVICES.CreateTrialRequest(tuner_id="w" * 999).SerializeToString(),
        "1 to 200 printable",
    ),
    "control": (
        "CreateTrial",
        SERVICES.CreateTrialRequest(tuner_id="\x1b[2J").SerializeToString(),
        "printable",
    ),
    "no message": (
        "CreateTrial",
        b"\xff\xff\xff",
        "a call must hold a CreateTrialRequest. Received: 3 bytes",
    ),
}


def test_a_malformed_call_is_refused_and_the_search_ends_as_ever(
    chief: tuple[ScaleNetOracle, threading.Thread], role: Role, tmp_path: Path
) -> None:
    oracle, thread = chief
    client = worker(tmp_path)
    first = client.create_trial("w0")
    secret, identity = (tmp_path / "search" / "secret").read_bytes().strip(), pack(oracle.identity)
    for name, (method, body, text) in MALFORMED.items():
        code, told = refusal(role, method, body, secret, identity)
        assert code is grpc.StatusCode.INVALID_ARGUMENT, name
        assert re.search(text, told), (name, told)
    with pytest.raises(RefusedCallError, match=r"refused a call \(INVALID_ARGUMENT\): a score must be an"):
        client.update_trial(first.trial_id, {OBJECTIVE: 2.0})
    client.update_trial(first.trial_id, {OBJECTIVE: 0.5})
    first.status = "COMPLETED"
    client.end_trial(first)
    assert oracle.trials[first.trial_id].score == 0.5
    # Of a trial in rows that a chief lost with its bucket.
    client.update_trial("0099", {OBJECTIVE: 0.5})
    first.trial_id = "0099"
    client.end_trial(first)
    assert [*oracle.trials] == ["0000"]
    oracle.failure = "enough"
    assert client.create_trial("w0").status == "STOPPED"
    thread.join(20)
    assert not thread.is_alive()  # No call has left the lock held.


def test_no_bytes_whatsoever_end_the_search_or_hold_its_lock(
    chief: tuple[ScaleNetOracle, threading.Thread], role: Role, tmp_path: Path
) -> None:
    oracle, _ = chief
    client = worker(tmp_path)
    client.create_trial("w0")
    secret, identity = (tmp_path / "search" / "secret").read_bytes().strip(), pack(oracle.identity)
    draw = random.Random(0)
    right = [CREATE, update("0000", accuracy=0.5), end("0000", "COMPLETED"), update("9", accuracy=0.5)]
    accepted = 0
    with grpc.insecure_channel(f"{role.host}:{role.port}") as channel:
        for _ in range(300):
            method, body = (
                draw.choice(("CreateTrial", "UpdateTrial", "EndTrial")),
                bytearray(draw.choice(right)),
            )
            for _ in range(draw.randrange(4)):
                body[draw.randrange(len(body))] = draw.randrange(256)
            headers = (
                (IDENTITY, identity),
                (SIGNATURE, sign(secret, method, identity, bytes(body))),
            )
            try:
                channel.unary_unary(f"/{SERVICE}/{method}")(bytes(body), timeout=20, metadata=headers)
                accepted += 1
            except grpc.RpcError as error:
                assert error.code() is grpc.StatusCode.INVALID_ARGUMENT, (method, bytes(body), error)
    assert 0 < accepted < 300
    assert client.create_trial("w1").status in ("RUNNING", "IDLE")
    assert all(trial.score is None or 0 <= trial.score <= 1 for trial in oracle.trials.values())


def test_an_error_of_the_chief_is_logged_and_not_told(
    chief: tuple[ScaleNetOracle, threading.Thread],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fault(trial_id: str) -> dict[str, object]:
        raise RuntimeError("a fault of ours, deep inside of a call that holds the lock")

    oracle, thread = chief
    client = worker(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(oracle, "populate_space", fault)
        with pytest.raises(
            RefusedCallError, match=r"\(INTERNAL\): the chief failed in this call; its log says"
        ):
            client.create_trial("w0")
    assert "a fault of ours, deep inside" in caplog.text
    oracle.failure = "the test is over"
    assert client.create_trial("w0").status == "STOPPED"
    thread.join(20)
    assert not thread.is_alive()


def test_a_worker_takes_the_secret_that_a_chief_has_made_anew(
    chief: tuple[ScaleNetOracle, threading.Thread], tmp_path: Path
) -> None:
    client = worker(tmp_path)
    client.create_trial("w0")
    secret = tmp_path / "search" / "secret"
    right = secret.read_bytes()
    secret.write_text("a secret of another chief\n")
    with pytest.raises(RefusedCallError, match=r"\(UNAUTHENTICATED\): this call is not signed"):
        client.create_trial("w0")
    secret.write_bytes(right)
    assert client.create_trial("w0").status == "RUNNING"
