"""The check of a server, against a stand-in on TensorFlow Serving's real stubs (see stand_in.py)."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow_serving")

from scalenet_tf.errors import ConnectionLostError, InvalidInputError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.serving.client import Client, ServedModel, available_version
from scalenet_tf.serving.grpc_client import GrpcClient
from scalenet_tf.serving.load_test import Load
from scalenet_tf.serving.rest_client import RestClient
from scalenet_tf.serving.server_check import check_server
from scalenet_tf.serving.signatures import image_inputs
from scalenet_tf.utils import files
from tests.helpers.stand_in import serving
from tests.helpers.watched_signatures import watch_signatures


def ask(client: Client) -> int:
    with closing(client):
        return client.version()


# The stand-in has no warm-up: its first answers take as long as a busy machine needs.
PATIENT = 120.0
FEW = Load(requests=12, concurrency=3, batch=2)


@pytest.fixture(scope="module")
def family(served_files: Path) -> Run:
    return Run.open(served_files)


@pytest.fixture(scope="module")
def server(family: Run) -> Iterator[tuple[str, str]]:
    """s1 in two versions: the second one is the other member."""
    s0, s1 = (family.member(stage) / "saved_model" / "1" for stage in (0, 1))
    with serving({"s1": {1: s1, 2: s0}}, {"stable": 1}) as addresses:
        yield addresses


def test_a_server_of_the_same_model_agrees(family: Run, server: tuple[str, str]) -> None:
    found = check_server(
        family, ServedModel("s1", label="stable"), *server, images=40, load=FEW, timeout=PATIENT
    )
    assert found.agrees
    assert found.version == 1
    rows = [(row.protocol, row.signature, row.images, row.same_labels) for row in found.comparisons]
    assert rows == [
        (protocol, signature, 40, 40)
        for protocol in ("gRPC", "REST")
        for signature in ("serving_bytes", "serving_default", "serving_float")
    ]
    assert [timed.protocol for timed in found.latencies] == ["gRPC", "REST"]
    for timed in found.latencies:
        assert 0 < timed.p50 <= timed.p90 <= timed.p99
        assert timed.images_per_second > 0


def test_the_model_of_the_run_answers_in_whole_float32(
    family: Run, server: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch_signatures(monkeypatch)
    check_server(family, ServedModel("s1"), server[0], images=1, load=Load(requests=0), timeout=PATIENT)
    assert len(seen) == 3 and not any(seen)


@pytest.mark.parametrize(
    ("name", "least", "check"),
    [
        ("images", 1, lambda run: check_server(run, ServedModel("s1"), "h:1", images=0)),
        ("requests", 0, lambda run: Load(requests=-1)),
        ("concurrency", 1, lambda run: Load(concurrency=0)),
        ("batch", 1, lambda run: Load(batch=0)),
    ],
)
def test_a_check_of_nothing_is_refused(
    family: Run, name: str, least: int, check: Callable[[Run], object]
) -> None:
    with pytest.raises(InvalidInputError, match=rf"`{name}` must be at least {least}\. Received: "):
        check(family)


def test_a_server_of_another_model_does_not(family: Run, server: tuple[str, str]) -> None:
    found = check_server(
        family, ServedModel("s1", version=2), *server, images=3, load=Load(requests=0), timeout=PATIENT
    )
    assert not found.agrees
    assert found.version == 2
    assert min(row.largest_difference for row in found.comparisons) > 1e-3
    assert found.latencies == ()


def test_encoded_images_arrive_as_they_are(encoded_model: Path, images: np.ndarray) -> None:
    ((signature, given),) = image_inputs(encoded_model).items()
    with serving({"s1": {1: encoded_model}}, {}) as (target, rest):
        for client in (
            GrpcClient(target, ServedModel("s1"), PATIENT),
            RestClient(rest, ServedModel("s1"), PATIENT),
        ):
            with closing(client):
                answer = client.send(client.prepare(signature, given, images[:3]))
            expected = images[:3].mean(axis=(1, 2, 3)) / 255
            np.testing.assert_allclose(answer.probabilities[:, 0], expected, rtol=1e-5)
            assert answer.labels.tolist() == [["bright"]] * 3


def test_a_server_without_a_signature_of_the_run_is_named(family: Run, encoded_model: Path) -> None:
    missing = r"has no signature \['serving_default', 'serving_float'\], by gRPC"
    with (
        serving({"s1": {1: encoded_model}}, {}) as (target, _),
        pytest.raises(ScaleNetError, match=missing),
    ):
        check_server(family, ServedModel("s1"), target, timeout=PATIENT)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (ServedModel("s0"), r"`target` .*: it does not serve s0\..* It says: NOT_FOUND: Servable not found"),
        (ServedModel("s1", version=3), r"does not serve s1, version 3\."),
        (ServedModel("s1", label="canary"), r"does not serve s1, label canary\."),
        (ServedModel("s7"), r"`model` must be one of .*\['s0', 's1'\]\. Received: 's7'\. Did you mean 's1'"),
    ],
)
def test_what_is_not_served_is_named(
    family: Run, server: tuple[str, str], model: ServedModel, message: str
) -> None:
    with pytest.raises(ScaleNetError, match=message):
        check_server(family, model, *server, timeout=PATIENT)


def test_rest_names_what_is_not_served(server: tuple[str, str]) -> None:
    with pytest.raises(ScaleNetError, match=r"`rest` .*: it does not serve s0.* It says: 404 Servable not"):
        ask(RestClient(server[1], ServedModel("s0"), 5))


def test_another_service_is_told_from_the_server(server: tuple[str, str]) -> None:
    grpc, rest = server
    with pytest.raises(ScaleNetError, match=r"`target` .*Start it, give its gRPC port.*UNAVAILABLE"):
        ask(GrpcClient(rest, ServedModel("s1"), 5))
    with pytest.raises(ScaleNetError, match=r"`rest` .*no server answers there\. Start it, or give its REST"):
        ask(RestClient(grpc, ServedModel("s1"), 5))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_no_server_is_an_error_that_says_so(family: Run) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConnectionLostError, match=rf"`target` {nobody}: no server answers there"):
        check_server(family, ServedModel("s1"), nobody)
    with pytest.raises(ConnectionLostError, match=rf"`rest` {nobody}: no server answers there"):
        ask(RestClient(nobody, ServedModel("s1"), 5))


def test_a_silent_server_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(
            ConnectionLostError, match=r"`rest` .*no answer within 0\.2 s\. Give a longer `timeout`"
        ):
            ask(RestClient(address, ServedModel("s1"), 0.2))
        with pytest.raises(ConnectionLostError, match=r"`target` .*no answer within 0\.2 s"):
            ask(GrpcClient(address, ServedModel("s1"), 0.2))


@pytest.mark.parametrize("address", ["localhost", "localhost:grpc", ":8500", "http://localhost:8500", "h:0"])
def test_addresses_are_checked(address: str) -> None:
    with pytest.raises(ScaleNetError, match=r"`rest` must be HOST:PORT, such as localhost:8500\. Received: "):
        RestClient(address, ServedModel("s1"), 5)


def test_a_model_that_is_loading_is_not_ready() -> None:
    states = [(2, "LOADING"), (1, "END")]
    with pytest.raises(ScaleNetError, match="has s1 but not ready: version 2 LOADING, version 1 END"):
        available_version(states, ServedModel("s1"), "`rest` h:1")
    assert available_version([(2, "LOADING"), (1, "AVAILABLE")], ServedModel("s1"), "") == 1
    with pytest.raises(ScaleNetError, match="`version` and `label` exclude each other"):
        ServedModel("s1", 1, "stable")


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("tensorflow_serving")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "tensorflow_serving", None)
    with pytest.raises(ScaleNetError, match=r'pip install "scalenet-tf\[serving\]"'):
        GrpcClient("h:1", ServedModel("s1"), 1)


@pytest.mark.slow
def test_the_command_ends_with_2_on_a_mismatch(family: Run, server: tuple[str, str]) -> None:
    command = [sys.executable, "-m", "scalenet_tf.cli", "serve-check", "--run", str(family.path)]
    command += [
        "--model",
        "s1",
        "--target",
        server[0],
        "--images",
        "3",
        "--requests",
        "4",
        "--timeout",
        "120",
        "--json",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "differs from the run's model by" in result.stderr
    assert "Give the run that version 2 was made from" in result.stderr
    answer = json.loads(result.stdout)["result"]
    assert answer["agrees"] is False
    assert answer["latencies"][0]["load"] == {"requests": 4, "concurrency": 4, "batch": 1}


def test_the_command_prints_both_tables(family: Run, server: tuple[str, str], capsys) -> None:
    from scalenet_tf.cli.serving import serve_check

    serve_check(family.path, "s1", *server, version=1, images=3, requests=5, concurrency=2, timeout=PATIENT)
    shown = capsys.readouterr().out
    assert "s1, version 1: version 1 against the run's model" in shown
    assert "5 requests of 1 image(s), 2 at a time" in shown


def test_an_unexported_member_names_the_command(served_run: Run) -> None:
    graph = served_run.member(1) / "saved_model" / "1" / "saved_model.pb"
    files.write_bytes(graph.with_name("kept"), graph.read_bytes())
    graph.unlink()
    with pytest.raises(ScaleNetError, match=r"s1 .* is not exported yet.*scalenet export --run .* --stage 1"):
        check_server(served_run, ServedModel("s1"), "h:1")
