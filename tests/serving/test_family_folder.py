"""The folder that a server reads: versions, what a kill leaves, and the files that start the server."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from google.protobuf import text_format

pytest.importorskip("tensorflow_serving")

from scalenet_tf.config import override_config
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.serving.family_folder import LOCK, read_settings, serve_files
from scalenet_tf.serving.manifests import READ_ONCE
from scalenet_tf.serving.models_config import read_rollout
from scalenet_tf.serving.protos import batching_parameters
from scalenet_tf.serving.session import replay
from scalenet_tf.serving.settings import Batching, ServerSettings
from scalenet_tf.serving.versions import versions_of
from scalenet_tf.serving.warmup import write_warmup
from scalenet_tf.utils import files
from tests.helpers.lock_holder import held
from tests.helpers.stored import write_members


@pytest.fixture(scope="module")
def written(served_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("written") / "serving"
    serve_files(Run.open(served_files), output, settings=ServerSettings(cores=3))
    return output


@pytest.fixture
def output(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "serving"))


def export_anew(run: Run, stage: int) -> None:
    """Gives one of two members another SavedModel: that of the other one, which has other weights."""
    own, other = (run.member(number) / "saved_model" / "1" for number in (stage, 1 - stage))
    shutil.rmtree(own)
    shutil.copytree(other, own)


def test_each_model_lies_under_its_number_and_answers(written: Path, served_files: Path) -> None:
    exported = served_files / "members" / "s1" / "saved_model" / "1"
    folder = written / "models" / "s1" / "1"
    assert (folder / "saved_model.pb").read_bytes() == (exported / "saved_model.pb").read_bytes()
    assert [done.batch for done in replay(folder)] == [1, 8, 32] * 3
    assert not (exported / "assets.extra").exists()


def test_the_same_family_keeps_its_number(output: Path, served_files: Path) -> None:
    graph = output / "models" / "s0" / "1" / "saved_model.pb"
    before = graph.stat().st_mtime_ns
    again = serve_files(Run.open(served_files), output)
    assert (again.version, again.names) == (1, ("s0", "s1"))
    assert versions_of(output / "models" / "s0") == [1]
    assert graph.stat().st_mtime_ns == before
    assert read_settings(output) == ServerSettings(cores=3)


def test_the_images_of_the_run_are_not_needed(tmp_path: Path, served_run: Run, images: np.ndarray) -> None:
    for stage in (0, 1):
        write_warmup(served_run.member(stage) / "saved_model" / "1", images)
    config = override_config(served_run.config, ["data.source=folder:/no/such/folder"])
    files.write_text(served_run.config_file, config.to_yaml())
    served = serve_files(Run.open(served_run.path), tmp_path / "serving")
    assert served.version == 1 and (tmp_path / "serving" / "models" / "s0" / "1" / "saved_model.pb").is_file()


def test_a_run_with_more_members_than_the_folder_serves_is_told_to_take_another(
    output: Path, served_run: Run
) -> None:
    first, second = served_run.family().members
    write_members(served_run, first, second, second.model_copy(update={"name": "s2", "stage": 2}))
    shutil.copytree(served_run.member(1), served_run.member(2))
    text = (
        r"`output`: the run has \['s2'\] too, which .* does not serve: .*Serve this family from a new folder"
    )
    with pytest.raises(InvalidInputError, match=text):
        serve_files(Run.open(served_run.path), output)


def test_a_path_of_a_run_will_do(output: Path, served_run: Run) -> None:
    assert serve_files(str(served_run.path), output).version == 1


def test_settings_that_a_server_reads_once_start_it_anew(output: Path, served_run: Run) -> None:
    def read_once() -> set[str]:
        server = yaml.safe_load((output / "compose.yaml").read_text())["services"]["serving"]
        objects = {one["kind"]: one for one in yaml.safe_load_all((output / "kubernetes.yaml").read_text())}
        pod = objects["Deployment"]["spec"]["template"]["metadata"]["annotations"]
        return {server["labels"][READ_ONCE], pod[READ_ONCE]}

    before = read_once()
    serve_files(served_run, output, stable=1)
    assert read_once() == before and len(before) == 1
    changed = read_settings(output).changed(None, {"max_batch_size": 64}, {})
    serve_files(served_run, output, settings=changed)
    assert len(read_once()) == 1 and read_once() != before


def test_two_processes_do_not_write_one_folder(output: Path, served_run: Run) -> None:
    with held(output / LOCK), pytest.raises(ScaleNetError, match="one process at a time"):
        serve_files(served_run, output)


def test_another_export_is_loaded_first_and_labelled_next(output: Path, served_run: Run) -> None:
    export_anew(served_run, 1)
    with pytest.raises(ScaleNetError, match=r"`canary` must be a version that the server has loaded: \[1\]"):
        serve_files(served_run, output, canary=2)
    assert versions_of(output / "models" / "s0") == [1]  # Nothing was copied.
    second = serve_files(served_run, output)
    assert second.version == 2
    assert (second.rollout.loaded, second.rollout.stable, second.rollout.canary) == ((1, 2), 1, 1)
    third = serve_files(served_run, output, canary=2)
    assert (third.version, third.rollout.stable, third.rollout.canary) == (2, 1, 2)
    assert read_rollout(output / "config" / "models.config") == third.rollout


@pytest.mark.slow
def test_what_a_kill_left_out_is_filled_in(output: Path, served_run: Run) -> None:
    export_anew(served_run, 0)
    config = output / "config" / "models.config"
    before = config.read_text("utf-8")
    serve_files(served_run, output)
    # Killed after the copy of s0, before that of s1 was whole and models.config was written.
    files.write_text(config, before)
    whole = output / "models" / "s1" / "2"
    left = files.temporary_name(whole, 99999999)
    whole.rename(left)
    (left / "saved_model.pb").unlink()
    assert serve_files(served_run, output).version == 2
    assert [path.name for path in sorted((output / "models" / "s1").iterdir())] == ["1", "2"]
    assert replay(whole)


def test_an_interrupted_copy_leaves_no_version(
    output: Path, served_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scalenet_tf.serving import versions

    def interrupted(folder: Path) -> None:
        # All of it is there, and the server would see none of it.
        assert (folder / "saved_model.pb").is_file()
        assert not folder.name.isdecimal()
        raise KeyboardInterrupt

    export_anew(served_run, 0)
    monkeypatch.setattr(versions, "replay", interrupted)
    with pytest.raises(KeyboardInterrupt):
        serve_files(served_run, output)
    assert [path.name for path in (output / "models" / "s0").iterdir()] == ["1"]
    assert read_rollout(output / "config" / "models.config").loaded == (1,)


def test_a_model_that_would_not_load_is_not_placed(tmp_path: Path, served_run: Run) -> None:
    graph = served_run.member(1) / "saved_model" / "1" / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:-100])
    with pytest.raises(ScaleNetError, match=r"is not a complete SavedModel .* Export it again"):
        serve_files(served_run, tmp_path / "serving")
    assert not versions_of(tmp_path / "serving" / "models" / "s1")
    assert not (tmp_path / "serving" / "config").exists()


def test_versions_that_are_served_must_be_there(output: Path, served_files: Path) -> None:
    shutil.rmtree(output / "models" / "s1")
    with pytest.raises(ScaleNetError, match=r"must hold the versions \[1\], which are served now.*\['s1'\]"):
        serve_files(Run.open(served_files), output)


def test_a_family_without_a_model_that_is_served_is_refused(output: Path, served_run: Run) -> None:
    write_members(served_run, served_run.family().member(0))
    before = (output / "config" / "models.config").read_bytes()
    with pytest.raises(ScaleNetError, match=r"serves \['s1'\] too, .* from a new folder"):
        serve_files(served_run, output)
    assert (output / "config" / "models.config").read_bytes() == before
    assert sorted(path.name for path in (output / "models" / "s0").iterdir()) == ["1"]


def test_batches_smaller_than_the_warm_up_are_refused(output: Path, served_files: Path) -> None:
    small = ServerSettings(batching=Batching(max_batch_size=16))
    with pytest.raises(ScaleNetError, match=r"`max_batch_size` must be at least the 32 .* Received: 16"):
        serve_files(Run.open(served_files), output, settings=small)
    assert versions_of(output / "models" / "s0") == [1]


def test_members_that_are_not_exported_name_the_command(served_run: Run, tmp_path: Path) -> None:
    shutil.rmtree(served_run.member(0) / "saved_model")
    with pytest.raises(ScaleNetError, match=r"members \['s0'\] .* not exported yet.*scalenet export --run "):
        serve_files(served_run, tmp_path / "serving")


def read_yaml(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text("utf-8")))


def test_compose_starts_the_server_with_files_that_are_there(written: Path) -> None:
    (composed,) = read_yaml(written / "compose.yaml")
    server = composed["services"]["serving"]
    assert server["environment"] == {"TF_ENABLE_ONEDNN_OPTS": "0"}
    assert server["cpus"] == 3
    mounts = dict(reversed(volume.removesuffix(":ro").split(":")) for volume in server["volumes"])
    assert set(mounts) == {"/models", "/config"}
    for word in server["entrypoint"]:
        if named := re.search(r"=(/config)(/.*)", word):
            assert (written / mounts[named[1]] / named[2].removeprefix("/")).is_file(), word
    assert server["ports"] == ["127.0.0.1:8500:8500", "127.0.0.1:8501:8501"]


@pytest.mark.parametrize(
    ("given", "parameters", "chosen"),
    [(None, 499_999, "0"), (None, 500_000, "1"), (True, 1, "1"), (False, 10**6, "0")],
)
def test_onednn_goes_by_the_largest_member_unless_it_is_said(
    given: bool | None, parameters: int, chosen: str
) -> None:
    settings = ServerSettings(onednn=given).for_members(parameters)
    assert settings.environment == {"TF_ENABLE_ONEDNN_OPTS": chosen}


def test_kubernetes_objects_belong_together(written: Path) -> None:
    config, deployment, service, policy = read_yaml(written / "kubernetes.yaml")
    assert set(config["data"]) == {path.name for path in (written / "config").iterdir()}
    for name, text in config["data"].items():
        assert text == (written / "config" / name).read_text("utf-8")
    batching = text_format.Parse(config["data"]["batching.config"], batching_parameters()())
    assert batching.num_batch_threads.value == 3
    pod = deployment["spec"]["template"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    (container,) = pod["spec"]["containers"]
    assert container["resources"]["limits"] == {"cpu": "3", "memory": "4Gi"}
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert policy["spec"]["ingress"][0]["from"] == [{"podSelector": {}}]  # This namespace alone.
    assert policy["spec"]["egress"] == [] and "Egress" in policy["spec"]["policyTypes"]
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["spec"]["volumes"]}
    ports = {port["name"] for port in container["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} == ports
    assert {port["port"] for port in policy["spec"]["ingress"][0]["ports"]} == ports
    probe = container["readinessProbe"]["httpGet"]
    assert probe == {"path": "/v1/models/s1/labels/stable/metadata", "port": "rest"}
    (composed,) = read_yaml(written / "compose.yaml")
    assert container["command"] == composed["services"]["serving"]["entrypoint"]


def test_kubernetes_objects_have_no_field_that_kubernetes_does_not_know(written: Path) -> None:
    client = pytest.importorskip("kubernetes.client")
    api = client.ApiClient()
    kinds = {"ConfigMap": "V1ConfigMap", "Deployment": "V1Deployment", "Service": "V1Service"}
    kinds["NetworkPolicy"] = "V1NetworkPolicy"
    for document in read_yaml(written / "kubernetes.yaml"):
        # The generated classes check what is required, and drop what they do not know.
        read = api._ApiClient__deserialize(document, kinds[document["kind"]])
        assert api.sanitize_for_serialization(read) == document


@pytest.mark.slow
def test_the_command_tells_what_is_next(output: Path, served_run: Run) -> None:
    def command(*more: str) -> str:
        words = ["serve-files", "--run", str(served_run.path), "--output", str(output), *more]
        return subprocess.run(
            [sys.executable, "-m", "scalenet_tf.cli", *words], capture_output=True, text=True, check=True
        ).stdout

    assert "s0, s1: the run's members are version 1" in command()
    export_anew(served_run, 0)
    said = command("--no-batching")
    assert "loaded: 1, 2; stable: 1; canary: 1" in said
    assert f"scalenet serve-files --run {served_run.path} --output {output} --canary 2" in said
    assert "loaded: 1, 2; stable: 1; canary: 2" in command("--canary", "2")
    assert read_settings(output) == ServerSettings(cores=3, batching=None)
    assert files.read_json(output / "serving.json")["batching"] is None


def test_a_folder_of_other_files_is_refused(tmp_path: Path, served_run: Run) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").touch()
    with pytest.raises(ScaleNetError, match=r"`output` must be a new or empty folder.*holds photo\.jpg"):
        serve_files(served_run, tmp_path / "mine")
    with pytest.raises(ScaleNetError, match="which is a file"):
        serve_files(served_run, tmp_path / "mine" / "photo.jpg")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["photo.jpg"]
