"""The training components: whole, killed and resumed, and by several processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from components.common.runs import config_after, read_config
from components.family_trainer import executor as family_trainer
from components.joint_search import executor as joint_search
from components.joint_search.processes import shares, surroundings
from scalenet_tf.config import load_run_config
from scalenet_tf.distribute.cluster import Cluster
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.role import role_of
from scalenet_tf.utils import files
from tests.helpers import component_chain

CODE = """
import sys
from components.joint_search import executor as joint_search
from components.supernet_trainer import executor as supernet_trainer
from tests.helpers import component_chain
root, whole = sys.argv[1:3]
given = dict(examples=whole + "/examples", scratch=root + "/scratch")
if sys.argv[3] == "supernet":
    supernet_trainer.train(supernet=root + "/supernet", model_run=root + "/model_run",
                           config=component_chain.CONFIG, space=component_chain.TINY_SPACE, **given)
else:
    joint_search.search(supernet=whole + "/supernet", result=root + "/result", **given)
"""


def decided(path: Path) -> dict[str, Any]:
    """A result without what merely surrounded it."""
    return {key: value for key, value in files.read_json(path).items() if key != "environment"}


@pytest.mark.slow
def test_the_artifacts_hold_their_parts_and_nothing_of_their_making(whole: Path) -> None:
    base = {"config.yaml", "space.json", "data.json", "artifact.json"}
    tables = {"best_hyperparameters.txt", "tuner_results.json", "pareto.json"}
    expected = {
        "supernet": base | {"supernet"},
        "result": base | tables | {"search"},
        "family": base | {"family.json"},
        "model0": base | {"family.json", "members", "Format-Serving"},
    }
    for name, parts in expected.items():
        assert {path.name for path in (whole / name).iterdir()} == parts
    made = {*expected, "model1", "examples", "model_run", "scratch"}
    assert {path.name for path in whole.iterdir()} == made
    assert list((whole / "model_run").iterdir())
    best = json.loads((whole / "result" / "best_hyperparameters.txt").read_text())
    assert set(best["values"]) == {entry["config"]["name"] for entry in best["space"]}
    trials = files.read_json(whole / "result" / "tuner_results.json")
    assert len(trials) == files.read_json(whole / "result" / "search" / "result.json")["cost"]["trials"]
    lineage = files.read_json(whole / "model1" / "artifact.json")
    assert lineage["inputs"]["family"] == str(whole / "family")
    assert lineage["data_digest"] == files.read_json(whole / "examples" / "artifact.json")["data_digest"]


@pytest.mark.slow
def test_a_taught_member_trains_its_teacher_in_its_own_task(whole: Path, tmp_path: Path) -> None:
    config = load_run_config(whole / "family" / "config.yaml", ["members.teacher=largest"])
    given = {name: str(whole / name) for name in ("examples", "supernet", "family")}
    model = tmp_path / "model0"
    family_trainer.train(**given, model=str(model), stage=0, config=config.to_yaml())
    assert [folder.name for folder in (model / "members").iterdir()] == ["s0"]
    assert files.read_json(model / "members" / "s0" / "architecture.json")["teacher"] == "s2"


@pytest.mark.slow
def test_equal_results_elsewhere(whole: Path, tmp_path: Path) -> None:
    component_chain.run(tmp_path / "elsewhere")
    for name in ("supernet/supernet/done.json", "family/family.json", "model1/members/s1/metrics.json"):
        assert decided(tmp_path / "elsewhere" / name) == decided(whole / name)
    for name in ("supernet", "family", "model1"):
        one, other = (
            files.read_json(root / name / "artifact.json") for root in (tmp_path / "elsewhere", whole)
        )
        assert one["digest"] == other["digest"] and one["inputs"] != other["inputs"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "saved", "result"),
    [
        ("supernet", "supernet_trainer-*/run/supernet/ckpt-*.index", "supernet/done.json"),
        ("result", "joint_search-*/run/search/trials.jsonl", "search/result.json"),
    ],
)
def test_killed_work_goes_on_in_a_new_output_folder(
    output: str, saved: str, result: str, whole: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    first = start(tmp_path / "first", whole, scratch, output)
    wait_for(scratch, saved, first)
    first.kill()
    first.communicate()
    assert not (tmp_path / "first" / output).exists()
    second = start(tmp_path / "second", whole, scratch, output)
    printed, _ = second.communicate(timeout=600)
    assert second.returncode == 0, printed
    assert '"event": "resumed"' in printed
    assert decided(tmp_path / "second" / output / result) == decided(whole / output / result)
    assert len([path for path in scratch.iterdir() if path.is_dir()]) == 1


def start(root: Path, whole: Path, scratch: Path, output: str) -> subprocess.Popen[str]:
    root.mkdir()
    scratch.mkdir(exist_ok=True)
    (root / "scratch").symlink_to(scratch)
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(root), str(whole), output],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(folder: Path, pattern: str, process: subprocess.Popen[str], seconds: float = 500) -> None:
    end = time.monotonic() + seconds
    while not list(folder.glob(pattern)):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_workers_find_what_one_process_finds(whole: Path, tmp_path: Path) -> None:
    joint_search.search(
        examples=str(whole / "examples"),
        supernet=str(whole / "supernet"),
        result=str(tmp_path / "result"),
        workers=1,
    )
    one, other = (decided(root / "result" / "search" / "result.json") for root in (whole, tmp_path))
    assert one == other


@pytest.mark.slow
def test_another_space_than_the_super_supernet_s_is_refused(whole: Path) -> None:
    with pytest.raises(ScaleNetError, match="`config` asks for another space, 'medium'"):
        config_after("space: medium", str(whole / "supernet"))


def test_each_worker_of_a_machine_has_its_own_gpus() -> None:
    chief, *workers = shares(2, 8, ["0", "1", "2", "3"])
    assert chief == {"CUDA_VISIBLE_DEVICES": "-1"}
    assert [worker["CUDA_VISIBLE_DEVICES"] for worker in workers] == ["0,2", "1,3"]
    assert [worker["TF_NUM_INTRAOP_THREADS"] for worker in workers] == ["4", "4"]


def test_processes_on_one_machine_use_its_secret_and_no_certificate() -> None:
    given = {
        "SCALENET_SEARCH_SECRET": "0123456789abcdef",
        "SCALENET_SEARCH_CERTIFICATE_FILE": "c.pem",
        "SCALENET_SEARCH_KEY_FILE": "k.pem",
    }
    expected = {"SCALENET_SEARCH_SECRET": "0123456789abcdef", "CUDA_VISIBLE_DEVICES": "1"}
    assert surroundings(given, {"CUDA_VISIBLE_DEVICES": "1"}) == expected


@pytest.mark.parametrize(
    ("index", "asked", "host", "name"),
    [
        (0, None, "host0", "chief"),
        (0, "0.0.0.0", "0.0.0.0", "chief"),
        (1, None, "host0", "w1"),
        (1, "0.0.0.0", "host0", "w1"),
    ],
)
def test_the_chief_listens_at_its_own_address_unless_another_is_asked_for(
    index: int, asked: str | None, host: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT", "KERASTUNER_TUNER_ID"):
        monkeypatch.setenv(variable, "to be restored")
        monkeypatch.delenv(variable)
    if asked:
        monkeypatch.setenv("KERASTUNER_ORACLE_IP", asked)
    joint_search._enter(Cluster(("host0:2222", "host1:2222"), index))
    role = role_of()
    assert role is not None and (role.host, role.port, role.name) == (host, 8470, name)


def test_a_configuration_is_a_name_or_a_text() -> None:
    assert read_config("smoke") == read_config(read_config("smoke").to_yaml())
    with pytest.raises(ScaleNetError, match="unknown key `sead`"):
        read_config("sead: 1")


def test_several_workers_need_a_scratch(
    examples: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.supernet_trainer import executor

    cluster = {"worker": ["host0:9000", "host1:9000"]}
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": "worker", "index": 1}}))
    with pytest.raises(ScaleNetError, match="`scratch` must be a folder on storage that all workers"):
        executor.train(
            examples=examples,
            supernet=str(tmp_path / "supernet"),
            model_run=str(tmp_path / "model_run"),
            config="smoke",
        )
