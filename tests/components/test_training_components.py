"""The training components: whole, killed and resumed, and by several processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import chain
import pytest

from components.joint_search import executor as joint_search
from components.runs import config_after, read_config
from scalenet_tf import files
from scalenet_tf.errors import ScaleNetError

TRAIN = """
import sys, chain
from components.supernet_trainer import executor
root = sys.argv[1]
executor.train(examples=sys.argv[2], supernet=root + "/supernet", model_run=root + "/model_run",
               config=chain.CONFIG, space=chain.TINY_SPACE, scratch=root + "/scratch")
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
def test_equal_results_elsewhere(whole: Path, tmp_path: Path) -> None:
    chain.run(tmp_path / "elsewhere")
    for name in ("supernet/supernet/done.json", "family/family.json", "model1/members/s1/metrics.json"):
        assert decided(tmp_path / "elsewhere" / name) == decided(whole / name)
    for name in ("supernet", "family", "model1"):
        one, other = (
            files.read_json(root / name / "artifact.json") for root in (tmp_path / "elsewhere", whole)
        )
        assert one["digest"] == other["digest"] and one["inputs"] != other["inputs"]


@pytest.mark.slow
def test_a_killed_training_goes_on_in_a_new_output_folder(whole: Path, tmp_path: Path) -> None:
    first = start_training(tmp_path / "first", whole, scratch=tmp_path / "scratch")
    wait_for(tmp_path / "scratch", "supernet_trainer-*/run/supernet/ckpt-*.index", first)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert not (tmp_path / "first" / "supernet").exists()
    second = start_training(tmp_path / "second", whole, scratch=tmp_path / "scratch")
    output, _ = second.communicate(timeout=600)
    assert second.returncode == 0, output
    assert '"event": "resumed"' in output
    done = "supernet/supernet/done.json"
    assert decided(tmp_path / "second" / done) == decided(whole / done)
    assert not list((tmp_path / "scratch").glob("supernet_trainer-*"))


def start_training(root: Path, whole: Path, scratch: Path) -> subprocess.Popen[str]:
    root.mkdir(exist_ok=True)
    (root / "scratch").symlink_to(scratch)
    scratch.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(root), str(whole / "examples")],
        env=chain.ENVIRONMENT,
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
