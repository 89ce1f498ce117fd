"""Settings of a server: the files that follow, parsed back, and the server's rules."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from google.protobuf import text_format

from scalenet_tf.cli.serving import _words_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.serving.manifests import compose, manifest
from scalenet_tf.serving.protos import batching_parameters, monitoring_config
from scalenet_tf.serving.settings import Batching, ServerSettings, batching_text, monitoring_text
from tests.helpers.called import scalenet


def test_the_batching_file_reads_back() -> None:
    batching = Batching(max_batch_size=16, timeout_micros=500, allowed_batch_sizes=(1, 4, 16))
    read = text_format.Parse(batching_text(batching, cores=3), batching_parameters()())
    assert read.max_batch_size.value == 16
    assert read.batch_timeout_micros.value == 500
    assert read.HasField("batch_timeout_micros")
    assert read.max_enqueued_batches.value == 100
    assert read.num_batch_threads.value == 3
    assert list(read.allowed_batch_sizes) == [1, 4, 16]


def test_no_waiting_is_said_and_not_left_out() -> None:
    read = text_format.Parse(batching_text(Batching(), cores=2), batching_parameters()())
    assert read.HasField("batch_timeout_micros")
    assert read.batch_timeout_micros.value == 0


def test_the_monitoring_file_reads_back() -> None:
    read = text_format.Parse(monitoring_text(), monitoring_config()())
    assert read.prometheus_config.enable
    assert read.prometheus_config.path == "/monitoring/prometheus/metrics"


@pytest.mark.parametrize("sizes", [(8, 4, 32), (1, 8), (8, 8, 32), (0, 32), (1, 64)])
def test_batch_sizes_rise_to_the_largest(sizes: tuple[int, ...]) -> None:
    message = r"`allowed_batch_sizes` must rise from at least 1, and end with `max_batch_size` \(32\)\."
    with pytest.raises(ScaleNetError, match=message):
        ServerSettings().changed(None, {"allowed_batch_sizes": sizes}, {})


def test_what_is_given_changes_and_the_rest_stays() -> None:
    first = ServerSettings().changed(None, {"max_batch_size": 64}, {"cores": 4, "image": None})
    assert (first.cores, first.image) == (4, ServerSettings().image)
    assert first.batching == Batching(max_batch_size=64)
    second = first.changed(None, {"timeout_micros": 1000, "max_batch_size": None}, {})
    assert second.batching == Batching(max_batch_size=64, timeout_micros=1000)
    without = second.changed(False, {}, {})
    assert without.batching is None
    assert not [word for word in without.command() if "batching" in word]
    assert without.changed(True, {}, {}).batching == Batching()
    with pytest.raises(ScaleNetError, match=r"`batching` is off, where \['timeout_micros'\] make no sense"):
        first.changed(False, {"timeout_micros": 3}, {})


DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("image", "x: {y}\nprivileged: true"),
        ("image", "tensorflow/serving@sha256:short"),
        ("image", f"tensorflow/serving@sha256:{DIGEST}0"),
        ("image", "-v/:/host"),
        ("image", ""),
        ("memory", "4g"),
        ("memory", "0Gi"),
        ("memory", "4Gi\n"),
    ],
)
def test_texts_that_are_no_image_and_no_size_are_refused(name: str, value: str) -> None:
    with pytest.raises(ScaleNetError, match=rf"`{name}` must be a .*such as .* Received: "):
        ServerSettings().changed(None, {}, {name: value})


@pytest.mark.parametrize("image", ["host.example:5000/team/serving:2.21.0-gpu", f"serving:1@sha256:{DIGEST}"])
def test_an_image_may_be_pinned_by_its_digest(image: str) -> None:
    settings = ServerSettings().changed(None, {}, {"image": image, "memory": "512Mi"})
    (container,) = pod(settings)["containers"]
    assert container["image"] == image
    assert container["resources"]["limits"]["memory"] == "512Mi"
    server = compose(settings, "1", "p")["services"]["serving"]
    assert (server["image"], server["mem_limit"]) == (image, "512m")


def pod(settings: ServerSettings) -> Any:
    objects: list[Any] = manifest(settings, {"models.config": ""}, "s0", "1")
    return objects[1]["spec"]["template"]["spec"]


def test_the_server_is_confined() -> None:
    spec = pod(ServerSettings())
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = container["securityContext"]
    assert security["capabilities"] == {"drop": ["ALL"]} and not security["allowPrivilegeEscalation"]
    assert security["readOnlyRootFilesystem"]
    writable = [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["/tmp"]
    assert container["resources"]["limits"] == container["resources"]["requests"]
    server: Any = compose(ServerSettings(), "1", "p")["services"]
    server = server["serving"]
    assert server["user"] == "10001:10001" and server["read_only"] and server["cap_drop"] == ["ALL"]
    assert server["security_opt"] == ["no-new-privileges:true"] and server["mem_limit"] == "4g"
    assert all(volume.endswith(":ro") for volume in server["volumes"])
    assert all(port.startswith("127.0.0.1:") for port in server["ports"])


def test_cores_reach_the_threads() -> None:
    command = ServerSettings(cores=4).command()
    assert "--tensorflow_inter_op_parallelism=4" in command
    assert "--tensorflow_intra_op_parallelism=1" in command
    # The server refuses to start with labels otherwise.
    assert "--allow_version_labels_for_unavailable_models=true" in command


def test_a_command_that_is_continued_has_its_settings() -> None:
    given = {"image": None, "cores": 8, "batching": False, "onednn": True, "timeout_micros": 500}
    assert _words_of({**given, "allowed_batch_sizes": (8, 32), "canary": 2}) == [
        *("--cores", "8", "--no-batching", "--onednn", "--batch-timeout", "500"),
        *("--allowed-batch-size", "8", "--allowed-batch-size", "32", "--canary", "2"),
    ]


def test_an_interrupted_command_tells_how_it_is_continued(
    finished_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scalenet_tf.serving.family_folder.serve_files", interrupt)
    words = ["serve-files", "--run", str(finished_run.path), "--output", "my models", "--cores", "4"]
    assert scalenet(monkeypatch, *words) == 130
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("continue: "))
    assert shlex.split(line.removeprefix("continue: ")) == ["scalenet", *words]
